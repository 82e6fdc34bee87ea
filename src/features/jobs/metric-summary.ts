/** What the numbers of some epochs come to, as jobs are sorted by them. */
import { rankedMetrics } from '../../api/curve.schema.ts'
import { type EpochRow, epochColumns } from '../../contracts/epoch-columns.ts'

/** Best finite value of the epochs, and the value of the last of them; null if there is none. */
export type MetricSummary = { metric: string; best: number | null; last: number | null }

/** Of each number that one of the epochs has. */
export const summarizeMetrics = (epochs: readonly EpochRow[]): MetricSummary[] =>
  [...rankedMetrics].flatMap(([metric, better]) => {
    const values = epochs.flatMap((epoch) => numberOf(epoch, metric) ?? [])
    const last = values.at(-1)
    return last === undefined ? [] : [{ metric, best: bestOf(values, better), last: Number.isFinite(last) ? last : null }]
  })

const numberOf = (epoch: EpochRow, metric: string): number | null | undefined =>
  metric in epochColumns ? (epoch as unknown as Record<string, number | null>)[metric] : epoch.metrics[metric]

const bestOf = (values: readonly number[], better: 'lower' | 'higher'): number | null => {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return null
  return finite.reduce((one, other) => (other > one === (better === 'higher') ? other : one))
}
