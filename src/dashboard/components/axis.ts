/** Where an axis begins and ends, and what stands along it. */

export type Range = { min: number; max: number }

/** The range of values, with a little room; never empty. */
export const rangeOf = (values: number[]): Range => {
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
  if (!Number.isFinite(min)) return { min: 0, max: 1 }
  const room = (max - min) * 0.04 || Math.abs(min) * 0.1 || 1
  return { min: min - room, max: max + room }
}

/** About five round numbers. */
export const ticksOf = ({ min, max }: Range): number[] => {
  const rough = (max - min) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  const first = Math.ceil(min / step)
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}
