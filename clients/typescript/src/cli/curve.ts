/** The curve of a loss as characters. */
import { plot } from 'simple-ascii-chart'
import type { Epoch } from '../types.ts'

/** A curve that falls by more than this is drawn on a logarithmic scale, where one can see its end. */
const linearRange = 100

/** The losses of epochs over their numbers, as wide as `columns`; undefined if there are not two of them to join. */
export const drawCurve = (epochs: readonly Epoch[], columns = 80): string | undefined => {
  const points = epochs.map((one) => [one.epoch, Number(one.loss)] as const).filter(([, value]) => Number.isFinite(value))
  if (points.length < 2) return undefined
  const values = points.map(([, value]) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const isLog = low > 0 && high / low > linearRange
  const drawn = points.map(([epoch, value]) => [epoch, isLog ? Math.log10(value) : value] as [number, number])
  return plot(drawn, {
    width: Math.max(20, Math.min(100, columns - 16)),
    height: 12,
    customXAxisTicks: spread(
      points.map(([epoch]) => epoch),
      5,
    ).map(Math.round),
    customYAxisTicks: spread(
      drawn.map(([, value]) => value),
      4,
    ),
    title: isLog ? 'loss by epoch (logarithmic)' : 'loss by epoch',
    formatter: (value, { axis }) => (axis === 'y' ? shortly(isLog ? 10 ** value : value) : Math.round(value)),
  })
}

/** So many values from the smallest to the greatest, in equal steps. */
const spread = (values: readonly number[], count: number): number[] => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return [...new Set(Array.from({ length: count }, (_, at) => low + ((high - low) * at) / (count - 1)))]
}

const shortly = (value: number): string => String(Number(value.toPrecision(3)))
