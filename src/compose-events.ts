/** Puts together what reads the events of all jobs. */
import { createAllEvents } from './features/events/all-events.service.ts'
import { createEventTail } from './features/events/event-tail.ts'
import { createOutboxRepository } from './features/events/outbox.repository.ts'
import { createTenantEventsRepository } from './features/events/tenant-events.repository.ts'
import type { Infrastructure } from './platform/infrastructure.ts'

type Parts = Pick<Infrastructure, 'database' | 'notifications'> & {
  /** How long a stream may be silent; the service's time unless given. */
  quietMs?: number
  /** Told why events could not be read for streams; they are tried again. */
  onError: (error: unknown) => void
}

export const composeEvents = ({ database, notifications, quietMs, onError }: Parts) => {
  const outbox = createOutboxRepository(database)
  const tail = createEventTail({ outbox, notifications, onError })
  return { allEvents: createAllEvents({ outbox, stored: createTenantEventsRepository(database), tail, quietMs }) }
}
