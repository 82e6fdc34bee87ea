/** What can be compared, and what of it is better. */

const fields = ['loss', 'validationLoss', 'batchLoss', 'learningRate', 'gradientNorm', 'seconds']

/** Fields of every epoch, then the metrics that any of the jobs has. */
export const metricNames = (runs: { metrics: string[] }[]): string[] => [...new Set([...fields, ...runs.flatMap(({ metrics }) => metrics)])]

/** Whether less or more of it is better; null if neither says anything. */
export type Better = 'lower' | 'higher' | null

/** Losses of different kinds cannot be compared; a sweep ranks its jobs by what can be. */
export const isComparable = (metric: string, runs: { loss: string; rank: number | null }[]): boolean =>
  !isLoss(metric) || isRanked(runs) || new Set(runs.map(({ loss }) => loss)).size <= 1

/** Which of the jobs is best: in losses as the sweep ranks them, else by the value, which may be null. Undefined if nothing says. */
export const bestOf = (
  { metric, better }: { metric: string; better: Better },
  runs: { id: string; loss: string; rank: number | null; value: number | null }[],
): string | undefined => {
  if (runs.length < 2 || !isComparable(metric, runs)) return undefined
  if (isLoss(metric) && isRanked(runs)) return runs.find(({ rank }) => rank === 1)?.id
  const known = runs.flatMap(({ value }) => (value === null ? [] : [value]))
  if (better === null || known.length === 0) return undefined
  const best = better === 'lower' ? Math.min(...known) : Math.max(...known)
  return runs.find(({ value }) => value === best)?.id
}

/** Errors and norms fall by orders of magnitude. */
export const isLogarithmic = (metric: string, better: Better): boolean => better === 'lower' || metric === 'gradientNorm'

const isLoss = (metric: string): boolean => /loss$/i.test(metric)

const isRanked = (runs: { rank: number | null }[]): boolean => runs.some(({ rank }) => rank !== null)
