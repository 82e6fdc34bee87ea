/** Trains a job, followed live; asks one what it predicts, or what a config comes to. */
import { get, send } from '../../../api/client.ts'
import type { Epoch, Gradient, Job, JobEstimate, Predictions, Weights } from '../../../api/types.ts'
import { followJob } from '../../job/follow-job.ts'
import { isFinal } from '../../job/status.ts'
import { invalid, type Run } from './run.ts'

export const runJob: Run = async ({ body, tell, signal }) => {
  // Not given up half way: what was made must be known to be cancelled.
  const job = await send<Job>('POST', '/jobs', body)
  if (!job) return
  const { ended, epochs } = await follow(job, (now) => tell({ kind: 'job', ...now, gradients: [] }), signal)
  tell({ kind: 'job', job: ended, epochs, gradients: await lastGradients(ended, signal) })
}

/** Nobody waits for it any more. It is also sent while the page goes; a job that has ended by now answers 409. */
export const cancel = (path: string): void => void send('POST', `${path}/cancel`, undefined, { keepalive: true }).catch(() => {})

export const runPredictions: Run = async ({ body, find, tell, signal }) => {
  const { job } = find('job')
  const { features } = body
  if (!Array.isArray(features)) throw invalid('/features', 'must be a list of rows')
  const answer = await send<Predictions>('POST', `/jobs/${job.id}/predictions`, body, { signal })
  const isLinear = job.config.model.layers.length === 1
  tell({
    kind: 'predictions',
    rows: features.map((row) => (Array.isArray(row) ? row : []).map(Number)),
    predictions: (answer?.predictions ?? []).map((prediction) => Number([prediction].flat()[0])),
    weights: isLinear ? await get<Weights>(`/jobs/${job.id}/weights`, { signal }) : undefined,
  })
}

export const runCheck: Run = async ({ body, tell, signal }) => {
  const estimate = await send<JobEstimate>('POST', '/jobs?validateOnly=true', body, { signal })
  if (estimate) tell({ kind: 'check', estimate })
}

/** Ends with the job, or ends the job. */
const follow = (job: Job, tell: (now: { job: Job; epochs: Epoch[] }) => void, signal: AbortSignal) =>
  new Promise<{ ended: Job; epochs: Epoch[] }>((done, failed) => {
    const { stop } = followJob(job.id, ({ run, error }) => {
      if (run) tell(run)
      if (run && isFinal(run.job.status)) end(() => done({ ended: run.job, epochs: run.epochs }))
      else if (error !== undefined) end(() => failed(error))
    })
    const giveUp = (): void => {
      cancel(`/jobs/${job.id}`)
      end(() => failed(signal.reason))
    }
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', giveUp)
      stop()
      settle()
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp)
  })

/** Values that are shown one by one. */
const maxValues = 60

/** Those of the last mini-batch, if they are few. */
const lastGradients = async ({ id, config, progress }: Job, signal: AbortSignal): Promise<Gradient[]> => {
  if (progress.epoch === 0 || config.record.gradients !== 'full') return []
  const path = `/jobs/${id}/gradients?epoch=${progress.epoch}`
  const { data } = await get<{ data: Gradient[] }>(`${path}&reduce=norm`, { signal })
  const count = data.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0)
  return count > maxValues ? [] : (await get<{ data: Gradient[] }>(path, { signal })).data
}
