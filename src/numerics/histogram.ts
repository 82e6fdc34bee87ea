/** Histograms of values that come in runs: first where they lie, then how many are in each bin. */

/** Where values lie: the smallest and the largest finite one, infinite the wrong way round if there is none. */
export type Extent = { min: number; max: number; notFinite: number }

/** Of no values. */
export const emptyExtent: Extent = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, notFinite: 0 }

/** Where values lie, and these besides. */
export const extend = ({ min, max, notFinite }: Extent, values: Float32Array): Extent => {
  for (const value of values) {
    if (!Number.isFinite(value)) notFinite++
    else {
      if (value < min) min = value
      if (value > max) max = value
    }
  }
  return { min, max, notFinite }
}

/** Empty bins over an extent: one if all values are the same, none if there are no finite ones. */
export const emptyBins = ({ min, max }: Extent, count: number): number[] =>
  new Array<number>(min < max ? count : min === max ? 1 : 0).fill(0)

/** Counts finite values of the extent into its bins, which are equally wide; the last one has the largest value too. */
export const countInto = (bins: number[], { min, max }: Extent, values: Float32Array): void => {
  const last = bins.length - 1
  const perValue = bins.length / (max - min)
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    const bin = last === 0 ? 0 : Math.min(last, Math.floor((value - min) * perValue))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
}
