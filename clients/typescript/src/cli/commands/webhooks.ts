/** `trainyard webhooks` */
import { type Command, Option } from 'commander'
import type { Delivery, DeliveryQuery, Webhook } from '../../types.ts'
import { contextOf } from '../context.ts'
import { table } from '../format.ts'
import { names } from '../upload-file.ts'
import { whole } from '../whole.ts'

const statuses = ['pending', 'delivered', 'failed', 'dropped'] as const

type NewFlags = { events: string[]; description?: string }
type DeliveryFlags = { status?: DeliveryQuery['status']; limit: number }

export const addWebhooks = (program: Command, signal: AbortSignal): void => {
  const webhooks = program.command('webhooks').description('have addresses told of what happens to jobs, and see what they were told')

  webhooks
    .command('create')
    .description('have an address told of all jobs, and print the secret that signs what it is told, which is told this once')
    .argument('<url>', 'the address')
    .option('--events <types>', 'of what: names separated by commas', names, ['job.succeeded', 'job.failed', 'job.cancelled'])
    .option('--description <text>', 'a note')
    .action(async (url: string, { events, description }: NewFlags, command: Command) => {
      const { client, result, note } = contextOf(command)
      const webhook = await client.webhooks.create({ url, events, description } as Parameters<typeof client.webhooks.create>[0], { signal })
      note(`${webhook.id} is told of ${webhook.events.join(', ')}; this is its secret, which is not shown again:`)
      result(webhook, ({ secret }) => secret)
    })

  webhooks
    .command('list', { isDefault: true })
    .description('the webhooks, newest first')
    .option('-n, --limit <count>', 'how many', whole, 20)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.webhooks.list({ limit: Math.min(limit, 100) }, { signal }).toArray(limit), describe)
    })

  webhooks
    .command('delete')
    .description('delete a webhook with its deliveries, those that wait too')
    .argument('<webhook>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      await client.webhooks.delete(id, { signal })
      result({ id, deleted: true }, () => `${id} deleted`)
    })

  webhooks
    .command('test')
    .description('send an event of the type webhook.test; `deliveries` tells what came of it')
    .argument('<webhook>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.webhooks.test(id, { signal }), (delivery) => delivery.id)
    })

  webhooks
    .command('deliveries')
    .description('what a webhook was told, newest first, and what it answered')
    .argument('<webhook>', 'its id')
    .addOption(new Option('-s, --status <status>', 'only those').choices(statuses))
    .option('-n, --limit <count>', 'how many', whole, 20)
    .action(async (id: string, { status, limit }: DeliveryFlags, command: Command) => {
      const { client, result } = contextOf(command)
      const deliveries = client.webhooks.deliveries(id, { status, limit: Math.min(limit, 100) }, { signal })
      result(await deliveries.toArray(limit), describeDeliveries)
    })
}

const describe = (webhooks: readonly Webhook[]): string =>
  table(
    ['id', 'status', 'url', 'events'],
    webhooks.map(({ id, status, disabledReason, url, events }) => [
      id,
      disabledReason ? `${status} (${disabledReason})` : status,
      url,
      events.join(','),
    ]),
  )

const describeDeliveries = (deliveries: readonly Delivery[]): string =>
  table(
    ['id', 'created', 'type', 'job', 'status', 'attempts', 'answer'],
    deliveries.map(({ id, createdAt, type, jobId, status, attempts, lastAttempt }) => [
      id,
      createdAt,
      type,
      jobId ?? '',
      status,
      String(attempts),
      lastAttempt ? (lastAttempt.error ?? String(lastAttempt.status)) : '',
    ]),
  )
