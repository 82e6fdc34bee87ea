/** `client.jobs` */
import { createList, type List, type Page } from '../http/pages.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import { Job, type WaitOptions } from '../job.ts'
import type { CurveQuery, Curves, EpochEvent, JobConfig, JobData, JobEstimate, JobEvent, JobQuery } from '../types.ts'
import { createJobApi } from './job-api.ts'

export type TrainOptions = CallOptions & {
  /** Called with each epoch as it is finished; a promise that it gives is waited for. */
  onEpoch?: (epoch: EpochEvent, job: Job) => unknown
  /** The same for every event of the job. */
  onEvent?: (event: JobEvent, job: Job) => unknown
}

export const createJobs = (transport: Transport) => {
  const api = createJobApi(transport)

  /** Queues a job. @throws ValidationError with everything that is wrong with the config */
  const create = async (config: JobConfig, options: CallOptions = {}): Promise<Job> =>
    new Job(api, await transport.json<JobData>('POST', '/v1/jobs', { ...options, body: config }))

  /** What the service makes of a config: parameters, steps, memory. Creates nothing. @throws ValidationError */
  const validate = (config: JobConfig, options: CallOptions = {}): Promise<JobEstimate> =>
    transport.json('POST', '/v1/jobs', { ...options, query: { validateOnly: true }, body: config })

  /**
   * Queues a job, watches it, and gives it once it has succeeded. Aborting `signal` ends the watching, not the job.
   * @throws UnsuccessfulError if it fails or is cancelled; its `ended` is the job
   */
  const train = async (config: JobConfig, { onEpoch, onEvent, ...options }: TrainOptions = {}): Promise<Job> => {
    const job = await create(config, options)
    const { signal } = options
    if (onEpoch || onEvent)
      for await (const event of job.events({ signal })) {
        await onEvent?.(event, job)
        if (event.type === 'epoch') await onEpoch?.(event.data, job)
      }
    return job.succeed({ signal })
  }

  const get = async (id: string, options: CallOptions = {}): Promise<Job> => new Job(api, await api.get(id, options))

  /** Newest first, or as `sort` says: `-accuracy` is the best first. Long lists in the config of a listed job are left out; `refresh` gives everything. */
  const list = (query: JobQuery = {}, options: CallOptions = {}): List<Job> =>
    createList(async (after) => {
      const page = await transport.json<Page<JobData>>('GET', '/v1/jobs', { ...options, query: { ...query, after: after ?? query.after } })
      return { ...page, data: page.data.map((data) => new Job(api, data)) }
    })

  /** Waits for the end of a job, whatever that is. */
  const wait = async (id: string, options: WaitOptions = {}): Promise<Job> => (await get(id, options)).wait(options)

  /** One number of the epochs of several jobs, `loss` unless `metric` names another, thinned out to `maxPoints` each. */
  const curves = (ids: readonly string[], query: CurveQuery = {}, options: CallOptions = {}): Promise<Curves> =>
    transport.json('GET', '/v1/epochs', { ...options, query: { ...query, job: ids } })

  const act =
    (action: 'cancel' | 'pause' | 'resume') =>
    async (id: string, options: CallOptions = {}) =>
      new Job(api, await api.act(id, action, options))

  return {
    create,
    validate,
    train,
    get,
    list,
    wait,
    curves,
    /** Ends a job; finished epochs stay. @throws ConflictError if it has ended */
    cancel: act('cancel'),
    pause: act('pause'),
    resume: act('resume'),
    /** Deletes a job with all its results. @throws ConflictError while it runs */
    delete: (id: string, options: CallOptions = {}): Promise<void> => api.remove(id, options),
  }
}
