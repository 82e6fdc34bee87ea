/** How the losses of the jobs of a page fell, for sparklines. */
import { get } from '../../api/client.ts'
import type { Job, JsonNumber } from '../../api/types.ts'
import { toPoint } from '../../format.ts'

/** Points by job: epoch and loss, which is null if it is not finite. */
export type Curves = ReadonlyMap<string, [number, number | null][]>

type Answer = { data: { jobId: string; points: [number, JsonNumber | null][] }[] }

/** Points that a sparkline can show. */
const maxPoints = 60

/**
 * A loader that asks only for the curves of jobs that went on since it last asked. A curve is an ornament: if the service cannot give
 * them, the list goes without.
 */
export const createCurveLoader = () => {
  const known = new Map<string, { epoch: number; points: [number, number | null][] }>()

  return async (jobs: Job[], signal: AbortSignal): Promise<Curves> => {
    const stale = jobs.filter(({ id, progress }) => progress.epoch > 0 && known.get(id)?.epoch !== progress.epoch)
    if (stale.length > 0) {
      const query = new URLSearchParams([...stale.map(({ id }) => ['job', id]), ['metric', 'loss'], ['maxPoints', String(maxPoints)]])
      const { data } = await get<Answer>(`/epochs?${query}`, { signal }).catch((error: unknown): Answer => {
        if (signal.aborted) throw error
        return { data: [] }
      })
      const epochs = new Map(stale.map(({ id, progress }) => [id, progress.epoch]))
      for (const { jobId, points } of data)
        known.set(jobId, { epoch: epochs.get(jobId) ?? 0, points: points.map(([epoch, value]) => [epoch, toPoint(value)]) })
    }
    return new Map(jobs.flatMap(({ id }) => (known.has(id) ? [[id, known.get(id)?.points ?? []]] : [])))
  }
}
