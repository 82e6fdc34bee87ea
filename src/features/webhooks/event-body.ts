/** What a webhook is sent of an event. */
import type { JobResource } from '../../api/job.schema.ts'

export type ToldEvent = { type: string; at: Date; seq: number; data: unknown }

/** A job as it is told: without the long lists of its config, or without its config if that is large all the same. */
export type ToldJob = Omit<JobResource, 'config'> & { config?: JobResource['config'] }

/** Characters of a body; a longer one does without the event's data, which the job says too. */
const longestBody = 65_536

/** `{type, timestamp, data: {job, seq, event}}`; `event` is the data of the job's event. */
export const eventBody = ({ type, at, seq, data }: ToldEvent, job: ToldJob): string => {
  const whole = { type, timestamp: at.toISOString(), data: { job, seq, event: data } }
  const body = JSON.stringify(whole)
  if (body.length <= longestBody) return body
  const { config: _config, result, ...rest } = job
  const brief = { ...rest, result: result && { loss: result.loss, epochs: result.epochs, seconds: result.seconds } }
  return JSON.stringify({ ...whole, data: { job: { ...brief, omitted: ['/config', '/result'] }, seq } })
}
