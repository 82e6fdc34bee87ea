/** Axes: where values lie between 0 and 1, and which round ones are worth a line. */

/** `place` gives NaN for a value that the axis cannot show. */
export type Axis = { place: (value: number) => number; ticks: { at: number; label: string }[] }

/** So far values are told apart; what is beyond lies at the edge. */
const largest = 1e300

/** An axis from the least to the largest of some finite values, with about `count` ticks. */
export const linearAxis = (values: Iterable<number>, count: number, { whole = false } = {}): Axis => {
  const { low, high } = extent(values)
  const step = Math.max(niceStep((high - low) / Math.max(1, count)), whole ? 1 : 0)
  const first = Math.ceil(low / step - 1e-9)
  const length = Math.max(0, Math.floor(high / step + 1e-9) - first + 1)
  const ticks = Array.from({ length }, (_, at) => (first + at) * step)
  const place = (value: number): number => (clamp(value) - low) / (high - low)
  return { place, ticks: ticks.map((value) => ({ at: place(value), label: tickLabel(value) })) }
}

/** The same on a logarithmic scale; what isn't above 0 has no place there. Null if that is everything. */
export const logAxis = (values: Iterable<number>, count: number): Axis | null => {
  const positive = [...values].filter((value) => value > 0)
  if (positive.length === 0) return null
  const { low, high } = extent(positive.map(Math.log10))
  const place = (value: number): number => (value > 0 ? (Math.log10(value) - low) / (high - low) : Number.NaN)
  const [from, to] = [Math.floor(low), Math.ceil(high)]
  const stride = Math.max(1, Math.ceil((high - low) / Math.max(1, count)))
  // Within few powers of ten there are lines between them.
  const factors = high - low < 1.5 ? [1, 2, 5] : [1]
  const ticks = Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, at) => from + at * stride)
    .flatMap((power) => factors.map((factor) => factor * 10 ** power))
    .filter((value) => place(value) >= -1e-9 && place(value) <= 1 + 1e-9)
  return { place, ticks: ticks.map((value) => ({ at: place(value), label: tickLabel(value) })) }
}

/** A number as short as it can be told, from -1.5e+300 to 0.001. */
export const tickLabel = (value: number): string => {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e5 || size < 1e-3))
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  return String(Number(value.toPrecision(6)))
}

const clamp = (value: number): number => Math.max(-largest, Math.min(largest, value))

/** Least and largest; a single value gets some room on both sides. */
const extent = (values: Iterable<number>): { low: number; high: number } => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, clamp(value))
    high = Math.max(high, clamp(value))
  }
  if (low > high) return { low: 0, high: 1 }
  const room = Math.max(Math.abs(low) * 1e-9, 1e-300)
  return high - low > room ? { low, high } : { low: low - (Math.abs(low) || 1) / 2, high: high + (Math.abs(high) || 1) / 2 }
}

/** 1, 2 or 5 times a power of ten, at least this much. */
const niceStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10)
}
