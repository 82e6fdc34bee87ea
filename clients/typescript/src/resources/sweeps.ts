/** `client.sweeps`: many jobs over one grid of configs. */
import { createList, type List } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Sweep, SweepConfig, SweepQuery, SweepSummary } from '../types.ts'
import { createJobApi } from './job-api.ts'

export type SweepWaitOptions = CallOptions & {
  /** Called each time that one of its jobs has ended. */
  onChange?: (sweep: Sweep) => void
}

const final = ['succeeded', 'failed', 'cancelled']

export const createSweeps = (transport: Transport) => {
  const jobs = createJobApi(transport)
  const path = (id: string, rest = ''): string => `/v1/sweeps/${segment(id)}${rest}`

  /** Queues a job for each point of the grid. @throws ValidationError */
  const create = (config: SweepConfig, options: CallOptions = {}): Promise<Sweep> =>
    transport.json('POST', '/v1/sweeps', { ...options, body: config })

  const get = (id: string, options: CallOptions = {}): Promise<Sweep> => transport.json('GET', path(id), options)

  /** Newest first, with counts of jobs in place of their table. */
  const list = (query: SweepQuery = {}, options: CallOptions = {}): List<SweepSummary> =>
    createList((after) => transport.json('GET', '/v1/sweeps', { ...options, query: { ...query, after: after ?? query.after } }))

  /** Waits until every job has ended. */
  const wait = async (id: string, { onChange, ...options }: SweepWaitOptions = {}): Promise<Sweep> => {
    for (;;) {
      const sweep = await get(id, options)
      onChange?.(sweep)
      const open = sweep.jobs.find(({ status }) => !final.includes(status))
      if (sweep.status === 'finished' || !open) return sweep
      await jobs.waitOnce(open.jobId, 'end', options)
    }
  }

  /** Creates one and waits for its end: its jobs come ranked. */
  const run = async (config: SweepConfig, { onChange, ...options }: SweepWaitOptions = {}): Promise<Sweep> => {
    const { id } = await create(config, options)
    return wait(id, { onChange, signal: options.signal })
  }

  /** Ends every job that has not ended. @throws ConflictError if all have */
  const cancel = (id: string, options: CallOptions = {}): Promise<Sweep> => transport.json('POST', path(id, '/cancel'), options)

  /** Deletes it with its jobs and their results. @throws ConflictError while one runs */
  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  return { create, run, get, list, wait, cancel, delete: remove }
}
