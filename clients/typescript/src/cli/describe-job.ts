/** Jobs in words. */
import type { Job } from '../job.ts'
import { loss, table } from './format.ts'

/** How a job ended, in a line. */
export const describeEnd = ({ id, status, result, error }: Job): string => {
  if (result) return `${id} ${status}: loss ${loss(result.loss)} after ${result.epochs} epochs, ${result.seconds.toFixed(2)} s of training`
  return `${id} ${status}${error ? `: ${error.code}, ${error.message}` : ''}`
}

/** A job a line. */
export const describeJobs = (jobs: readonly Job[]): string => {
  const order = jobs[0]?.data.sortedBy
  return table(
    ['id', 'status', 'epochs', 'loss', ...(order ? [`${order.of} ${order.metric}`] : []), 'created', 'name'],
    jobs.map(({ id, status, progress, data }) => [
      id,
      status,
      `${progress.epoch}/${progress.epochs}`,
      loss(progress.latestLoss),
      ...(order ? [loss(data.sortedBy?.value ?? null)] : []),
      data.createdAt,
      String(data.metadata.name ?? ''),
    ]),
  )
}

/** All that is short enough to be read. */
export const describeJob = (job: Job): string => {
  const { progress, data } = job
  const { queue, engine } = data
  const lines = [
    describeEnd(job),
    `  epochs   ${progress.epoch} of ${progress.epochs}${progress.latestLoss === null ? '' : `, loss ${loss(progress.latestLoss)}`}`,
    ...(queue?.waitsFor ? [`  waits    for ${queue.waitsFor}, at position ${queue.position}`] : []),
    ...(engine ? [`  engine   ${engine.name} ${engine.version}, ${engine.backend} on ${engine.device}`] : []),
    `  dataset  ${data.dataset.id}`,
    `  created  ${data.createdAt}`,
    ...(data.finishedAt ? [`  ended    ${data.finishedAt}`] : []),
    ...Object.entries(data.metadata).map(([name, value]) => `  ${name}: ${value}`),
  ]
  return lines.join('\n')
}
