/** What the numbers of some epochs come to, as jobs are sorted by them. */
import { rankedMetrics } from '../../api/curve.schema.ts'
import { type EpochRow, epochColumns } from '../../contracts/epoch-columns.ts'

/** Best and worst finite value of the epochs, and the value of the last of them; null if there is none. */
export type MetricSummary = { metric: string; best: number | null; worst: number | null; last: number | null }

/** Of each number that one of the epochs has. */
export const summarizeMetrics = (epochs: readonly EpochRow[]): MetricSummary[] =>
  [...rankedMetrics].flatMap(([metric, better]) => {
    const values = epochs.flatMap((epoch) => numberOf(epoch, metric) ?? [])
    const last = values.at(-1)
    if (last === undefined) return []
    const [min, max] = boundsOf(values)
    const [best, worst] = better === 'lower' ? [min, max] : [max, min]
    return [{ metric, best, worst, last: Number.isFinite(last) ? last : null }]
  })

const numberOf = (epoch: EpochRow, metric: string): number | null | undefined =>
  metric in epochColumns ? (epoch as unknown as Record<string, number | null>)[metric] : epoch.metrics[metric]

/** Smallest and largest finite value. */
const boundsOf = (values: readonly number[]): [min: number | null, max: number | null] => {
  const finite = values.filter(Number.isFinite)
  const [first] = finite
  if (first === undefined) return [null, null]
  return [finite.reduce((one, other) => Math.min(one, other), first), finite.reduce((one, other) => Math.max(one, other), first)]
}
