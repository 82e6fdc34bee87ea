/** What can be compared, and what of it is better. */

const fields = ['loss', 'validationLoss', 'batchLoss', 'learningRate', 'gradientNorm', 'seconds']

/** Fields of every epoch, then the metrics that any of the jobs has. */
export const metricNames = (runs: { metrics: string[] }[]): string[] => [...new Set([...fields, ...runs.flatMap(({ metrics }) => metrics)])]

/** Whether a smaller or a larger value is better; undefined if neither says anything. */
export const directionOf = (metric: string): 'min' | 'max' | undefined => {
  if (['learningRate', 'gradientNorm', 'seconds'].includes(metric)) return undefined
  return /loss$|^(validation)?(mae|rmse)$/i.test(metric) ? 'min' : 'max'
}

/** Losses of different kinds cannot be compared; a sweep ranks its jobs by what can be. */
export const isComparable = (metric: string, runs: { loss: string; rank: number | null }[]): boolean =>
  !isLoss(metric) || isRanked(runs) || new Set(runs.map(({ loss }) => loss)).size <= 1

/** Which of the jobs is best: in losses as the sweep ranks them, else by the value, which may be null. Undefined if nothing says. */
export const bestOf = (
  metric: string,
  runs: { id: string; loss: string; rank: number | null; value: number | null }[],
): string | undefined => {
  if (runs.length < 2 || !isComparable(metric, runs)) return undefined
  if (isLoss(metric) && isRanked(runs)) return runs.find(({ rank }) => rank === 1)?.id
  const best = bestValue(
    runs.map(({ value }) => value),
    directionOf(metric),
  )
  return best === undefined ? undefined : runs.find(({ value }) => value === best)?.id
}

export const bestValue = (values: (number | null)[], direction: 'min' | 'max' | undefined): number | undefined => {
  const known = values.filter((value) => value !== null)
  if (direction === undefined || known.length === 0) return undefined
  return known.reduce((one, other) => (direction === 'min' ? Math.min(one, other) : Math.max(one, other)))
}

export const isLogarithmic = (metric: string): boolean => directionOf(metric) === 'min' || metric === 'gradientNorm'

const isLoss = (metric: string): boolean => /loss$/i.test(metric)

const isRanked = (runs: { rank: number | null }[]): boolean => runs.some(({ rank }) => rank !== null)
