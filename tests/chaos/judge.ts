/** Whether everything is as if nothing had happened. */
import type { Epoch, Job, JobEvent, Page } from '../support/e2e/api.ts'
import type { Client } from './client.ts'
import { eventsOf, faultsOfHistory, fingerprint } from './results.ts'
import type { Done } from './submitter.ts'

export type JudgeOptions = {
  client: Client
  /** All jobs that clients know of. */
  done: readonly Done[]
  /** Fingerprints of undisturbed runs by name. */
  expected: ReadonlyMap<string, string>
  /** Datasets that clients know of besides those of jobs. */
  datasets: ReadonlySet<string>
}

export const judge = async ({ client, done, expected, datasets }: JudgeOptions) => {
  const violations: string[] = []
  const histories = new Map<string, JobEvent[]>()
  for (const one of done) {
    const { events, faults } = await judgeJob(client, one, expected)
    histories.set(one.id, events)
    violations.push(...faults.map((fault) => `${one.key} (${one.id}): ${fault}`))
  }

  const known = new Set(done.map(({ id }) => id))
  const stored = await everyPage<Job>(client, '/v1/jobs')
  for (const { id, metadata } of stored)
    if (!known.has(id)) violations.push(`${id} is one too many: nobody was told of it (${metadata.chaos})`)
  const found = new Set(stored.map(({ id }) => id))
  for (const { id, key } of done) if (!found.has(id)) violations.push(`${key} (${id}) is not in the list`)
  if (known.size !== done.length) violations.push('two requests were given the same job')

  const used = new Set([...datasets, ...done.map(({ datasetId }) => datasetId)])
  for (const { id } of await everyPage<{ id: string }>(client, '/v1/datasets'))
    if (!used.has(id)) violations.push(`dataset ${id} is one too many: nobody was told of it`)

  return { violations, histories }
}

const judgeJob = async (client: Client, { id, name, status, error, everyEpoch }: Done, expected: JudgeOptions['expected']) => {
  const { data: epochs } = await client.get<{ data: Epoch[] }>(`/v1/jobs/${id}/epochs`)
  const events = await eventsOf(client, id)
  const faults = faultsOfHistory(events, epochs)
  if (status === 'failed') faults.push(`failed: ${JSON.stringify(error)}`)
  if (status === 'succeeded' && (await fingerprint(client, id, everyEpoch)) !== expected.get(name))
    faults.push(`ended with other numbers than ${name} undisturbed`)
  return { events, faults }
}

/** All items of a list. */
export const everyPage = async <Item>(client: Client, path: string): Promise<Item[]> => {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await client.get<Page<Item>>(`${path}?limit=100${cursor ? `&after=${cursor}` : ''}`)
    items.push(...page.data)
    cursor = page.hasMore ? page.nextCursor : null
  } while (cursor)
  return items
}
