/** Trains the jobs of a grid, and reads their curves while they train. */
import { get, send } from '../../../api/client.ts'
import type { Curves, JsonNumber, Sweep, Weights } from '../../../api/types.ts'
import { toPoint } from '../../../format.ts'
import type { Point } from '../../compare/align.ts'
import type { Config, Json } from '../../new-job/draft.ts'
import { isObject, valueAt } from '../../new-job/draft.ts'
import { cancel } from './job.ts'
import { pause, type Run } from './run.ts'

/** Jobs in one chart, and points of each curve. */
const maxJobs = 20
const maxPoints = 400
/** Milliseconds between two looks at it, at first and at most. */
const firstMs = 150
const maxMs = 2000

export const runSweep: Run = async ({ body, step, tell, signal }) => {
  // Not given up half way: what was made must be known to be cancelled.
  const made = await send<Sweep>('POST', '/sweeps', body)
  if (!made) return
  const path = `/sweeps/${made.id}`
  const giveUp = (): void => cancel(path)
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp)
  try {
    const metric = metricOf(body)
    let sweep = made
    for (let ms = firstMs; ; ms = Math.min(maxMs, ms * 1.3)) {
      const { better, curves } = await readCurves(sweep, metric, signal)
      if (sweep.status === 'finished') {
        const weights = step.truth || hasUnits(body) ? await readWeights(sweep, body, signal) : new Map<string, Weights>()
        return tell({ kind: 'sweep', sweep, metric, better, curves, weights })
      }
      tell({ kind: 'sweep', sweep, metric, better, curves, weights: new Map() })
      await pause(ms, signal)
      sweep = await get<Sweep>(path, { signal })
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** The first of the metrics that the jobs measure: unlike losses of different kinds they can be compared. */
const metricOf = (body: Config): string => {
  const metrics = valueAt(body, ['base', 'metrics'])
  return Array.isArray(metrics) && typeof metrics[0] === 'string' ? metrics[0] : 'loss'
}

const readCurves = async ({ jobs }: Sweep, metric: string, signal: AbortSignal) => {
  const ids = jobs.slice(0, maxJobs).map(({ jobId }) => jobId)
  const query = new URLSearchParams([...ids.map((id) => ['job', id]), ['metric', metric], ['maxPoints', String(maxPoints)]])
  const { better, data } = await get<Curves>(`/epochs?${query}`, { signal })
  const pointsOf = (points: JsonNumber[][]): Point[] => points.map(([epoch, value]) => [Number(epoch), toPoint(value)])
  return { better, curves: new Map(data.map(({ jobId, points }) => [jobId, pointsOf(points)])) }
}

/** What the jobs that succeeded have learned, if it is little. */
const readWeights = async ({ jobs }: Sweep, body: Config, signal: AbortSignal): Promise<Map<string, Weights>> => {
  if (!isSmall(body)) return new Map()
  const done = jobs.slice(0, maxJobs).filter(({ status }) => status === 'succeeded')
  return new Map(
    await Promise.all(
      done.map(async ({ jobId }): Promise<[string, Weights]> => [jobId, await get<Weights>(`/jobs/${jobId}/weights`, { signal })]),
    ),
  )
}

/** Whether the first layer has several units before another one: they may learn the same or different things. */
const hasUnits = (body: Config): boolean => {
  const layers = valueAt(body, ['base', 'model', 'layers'])
  return Array.isArray(layers) && layers.length > 1
}

/** No list and no layer of it is large, so neither are the weights. */
const isSmall = (value: Json): boolean => {
  if (Array.isArray(value)) return value.length <= 256 && value.every(isSmall)
  if (!isObject(value)) return true
  return !(Number(value.units) > 256 || Number(value.features) > 256) && Object.values(value).every(isSmall)
}
