/** What a client does about one piece of work: uploads, submits, pauses or cancels, and waits for the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dataset, Job, Json } from '../support/e2e/api.ts'
import type { Client } from './client.ts'
import type { Random } from './random.ts'
import type { Work } from './workload.ts'

/** A job that ended. `name` says which undisturbed job it must equal. */
export type Done = {
  name: string
  key: string
  id: string
  datasetId: string
  status: string
  error: unknown
  everyEpoch: boolean
  meddled: boolean
}

export type Order = { name: string; key: string; work: Work; cancel: boolean }

const ended = (status: string): boolean => ['succeeded', 'failed', 'cancelled'].includes(status)

/** `jobs`: undisturbed jobs by name, for those that start from one. */
export const createSubmitter = ({ client, random, jobs }: { client: Client; random: Random; jobs: ReadonlyMap<string, string> }) => {
  const uploads = new Set<string>()

  const until = async (id: string, enough: (job: Job) => boolean): Promise<Job> => {
    for (;;) {
      const job = await client.get<Job>(`/v1/jobs/${id}?wait=5`)
      if (enough(job) || ended(job.status)) return job
    }
  }

  const upload = async (key: string, { type, query, body }: NonNullable<Work['data']>): Promise<string> => {
    const headers = { 'content-type': type, 'idempotency-key': `${key}-data` }
    const { id } = await client.expect<Dataset>(201, 'POST', `/v1/datasets${query}`, { body, headers })
    uploads.add(id)
    return id
  }

  /** The config with what it refers to. */
  const complete = async ({ key, work }: Order): Promise<Json> => ({
    ...work.config,
    ...(work.data ? { dataset: { id: await upload(key, work.data) } } : {}),
    ...(work.warmFrom ? { warmStart: { jobId: jobs.get(work.warmFrom) } } : {}),
    metadata: { chaos: key },
  })

  /** An action that a job which ended meanwhile refuses. */
  const act = (id: string, action: string, key: string): Promise<unknown> =>
    client.request('POST', `/v1/jobs/${id}/${action}`, { headers: { 'idempotency-key': `${key}-${action}` } })

  const meddle = async (id: string, { key, work, cancel }: Order): Promise<void> => {
    const from = random.between(2, 12)
    await until(id, ({ progress }) => progress.epoch >= from)
    if (cancel) {
      await act(id, 'cancel', key)
      return
    }
    if (work.action !== 'pause') return
    await act(id, 'pause', key)
    await until(id, ({ status }) => status === 'paused')
    await sleep(random.between(0, 500))
    await act(id, 'resume', key)
  }

  const submit = async (order: Order): Promise<string[]> => {
    const config = await complete(order)
    const headers = { 'idempotency-key': order.key }
    if (!order.work.grid) return [(await client.expect<Job>(202, 'POST', '/v1/jobs', { body: config, headers })).id]
    const body = { base: config, grid: order.work.grid }
    const { jobs: made } = await client.expect<{ jobs: { position: number; jobId: string }[] }>(202, 'POST', '/v1/sweeps', {
      body,
      headers,
    })
    return made.sort((a, b) => a.position - b.position).map(({ jobId }) => jobId)
  }

  /** Carries an order out; its jobs once they have ended. @throws where an answer is not what it should be */
  const carryOut = async (order: Order): Promise<Done[]> => {
    const ids = await submit(order)
    const [first] = ids
    const meddled = order.cancel || order.work.action !== undefined
    if (meddled && first) await meddle(first, order)
    const { record } = order.work.config as { record?: { weights?: string } }
    return Promise.all(
      ids.map(async (id, index): Promise<Done> => {
        const { status, error, dataset } = await until(id, () => false)
        const name = order.work.grid ? `${order.name}/${index + 1}` : order.name
        return { name, key: order.key, id, datasetId: dataset.id, status, error, everyEpoch: record?.weights === 'everyEpoch', meddled }
      }),
    )
  }

  return { carryOut, uploads }
}

export type Submitter = ReturnType<typeof createSubmitter>
