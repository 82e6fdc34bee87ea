/** How the losses of the jobs of a page fell, for sparklines. */
import { get } from '../../api/client.ts'
import type { Curves as CurvesAnswer, Job } from '../../api/types.ts'
import { toPoint } from '../../format.ts'
import { isFinal } from '../job/status.ts'

/** Points by job: epoch and loss, which is null if it is not finite. */
export type Curves = ReadonlyMap<string, [number, number | null][]>

/** Points that a sparkline can show. */
const maxPoints = 60
/** Milliseconds for which the curve of a running job stays as it is. */
const maxAgeMs = 17_000

/**
 * A loader that asks only for the curves of jobs that went on since it last asked. A curve is an ornament: if the service cannot give
 * them, the list goes without.
 */
export const createCurveLoader = () => {
  const known = new Map<string, { epoch: number; at: number; points: [number, number | null][] }>()

  /** Those that have more than is known, at once if nothing is known or they have ended. */
  const isStale = ({ id, status, progress: { epoch } }: Job): boolean => {
    const curve = known.get(id)
    return epoch > 0 && curve?.epoch !== epoch && (curve === undefined || isFinal(status) || Date.now() - curve.at > maxAgeMs)
  }

  return async (jobs: Job[], signal: AbortSignal): Promise<Curves> => {
    const stale = jobs.filter(isStale)
    if (stale.length > 0) {
      const query = new URLSearchParams([...stale.map(({ id }) => ['job', id]), ['metric', 'loss'], ['maxPoints', String(maxPoints)]])
      const { data } = await get<CurvesAnswer>(`/epochs?${query}`, { signal }).catch((error: unknown): Pick<CurvesAnswer, 'data'> => {
        if (signal.aborted) throw error
        return { data: [] }
      })
      const epochs = new Map(stale.map(({ id, progress }) => [id, progress.epoch]))
      for (const { jobId, points } of data)
        known.set(jobId, {
          epoch: epochs.get(jobId) ?? 0,
          at: Date.now(),
          points: points.map(([epoch, value]) => [Number(epoch), toPoint(value)]),
        })
    }
    return new Map(jobs.flatMap(({ id }) => (known.has(id) ? [[id, known.get(id)?.points ?? []]] : [])))
  }
}
