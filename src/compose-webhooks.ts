/** Puts webhooks together: what clients ask of them, what makes deliveries of events, and what sends those. */
import { queues } from './contracts/queue.ts'
import { createOutboxRepository } from './features/events/outbox.repository.ts'
import type { NewId } from './features/ids.ts'
import { readJobSnapshots } from './features/jobs/sql/find-snapshots.ts'
import { createDeliveryRepository } from './features/webhooks/delivery.repository.ts'
import { createDeliveryService } from './features/webhooks/delivery.service.ts'
import { createDispatchRepository } from './features/webhooks/dispatch.repository.ts'
import { createWebhookDispatcher } from './features/webhooks/dispatcher.ts'
import { createSender } from './features/webhooks/sender.ts'
import { createSendingRepository } from './features/webhooks/sending.repository.ts'
import { createUrlErrors } from './features/webhooks/url-errors.ts'
import { createWebhookRepository } from './features/webhooks/webhook.repository.ts'
import { createWebhookService } from './features/webhooks/webhook.service.ts'
import type { Infrastructure } from './platform/infrastructure.ts'
import type { OutboundHttp } from './platform/outbound/outbound-http.ts'

type Collaborators = {
  infrastructure: Pick<Infrastructure, 'database' | 'notifications' | 'wakeUps'>
  newId: NewId
  outbound: OutboundHttp
  onError: (error: unknown) => void
}

/** Webhooks that one process sends to at a time: those whose receiver hangs wait for it beside the others. */
const webhooksAtOnce = 256

export const composeWebhooks = ({ infrastructure, newId, outbound, onError }: Collaborators) => {
  const { database, notifications, wakeUps } = infrastructure
  const urlErrors = createUrlErrors(outbound.check)
  const webhooks = createWebhookRepository(database)
  const sending = createSendingRepository(database)
  const outbox = createOutboxRepository(database)
  const notify = (webhookId: string) => wakeUps.notify(queues.webhooks, webhookId)
  const { send } = createSender({
    sending,
    notify,
    post: (url, headers, body, limits) =>
      outbound.open({ url, method: 'POST', headers, body, maxBytes: Number.POSITIVE_INFINITY, ...limits }),
  })
  const { start, look, close } = createWebhookDispatcher({
    dispatch: createDispatchRepository(database, newId),
    sending,
    readEvents: outbox.read,
    readJobs: (ids) => readJobSnapshots(database.prisma, ids),
    notifications,
    notify: (webhookIds) => wakeUps.notifyAll(queues.webhooks, webhookIds),
    unheard: () => wakeUps.waiting(queues.webhooks),
    listen: () => wakeUps.listen(queues.webhooks, { concurrency: webhooksAtOnce }, send),
    onError,
  })
  const deliveries = createDeliveryRepository(database)
  return {
    urlErrors,
    webhooks: createWebhookService({ webhooks, newId, urlErrors }),
    deliveries: createDeliveryService({ deliveries, webhooks, newId, notify }),
    /** Looks for what happened before this process was there. */
    start,
    /** Looks for events now: a job that is queued makes no notification. */
    look,
    close,
  }
}
