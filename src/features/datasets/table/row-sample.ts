/** A sample of a table's rows, of bounded size: what its quartiles and histograms are read from. */
import { histogramBins } from '../../../contracts/table-limits.ts'
import { present } from '../../../numerics/must.ts'
import { createStream } from '../../../numerics/random.ts'

const maxSampledRows = 10_000
const maxSampledCells = 1_000_000
/** Columns of a table beyond which none is described as closely, so that its description stays readable. */
export const maxSketchedColumns = 10_000

/** Quartiles, and how many values lie between edges; exact of a table that was sampled whole. */
export type Sketch = { quartiles: [number, number, number]; histogram: { edges: number[]; counts: number[] } }

/**
 * Takes rows with equal chances, however many come: Li's algorithm L, which leaps over the rows that it won't take. The same
 * table always gives the same sample.
 */
export const createRowSample = (width: number) => {
  const most = width > maxSketchedColumns ? 0 : Math.min(maxSampledRows, Math.floor(maxSampledCells / Math.max(1, width)))
  const stream = createStream({ seed: 1, purpose: 'preview' })
  let cells = new Float64Array(Math.min(most, 64) * width)
  let taken = 0
  let rows = 0
  let next = most === 0 ? Number.POSITIVE_INFINITY : 0
  let weight = 1
  let drawn = 0

  /** Above zero, whose logarithm is none. */
  const draw = (): number => 1 - present(stream.uniforms(1, drawn++)[0])

  const leap = (): void => {
    weight *= Math.exp(Math.log(draw()) / most)
    next += Math.floor(Math.log(draw()) / Math.log(1 - weight)) + 1
  }

  /** Offers a row. */
  const offer = (row: Float64Array): void => {
    if (rows++ !== next) return
    if (taken < most) {
      if ((taken + 1) * width > cells.length) {
        const larger = new Float64Array(Math.min(most, 4 * Math.ceil(cells.length / width)) * width)
        larger.set(cells)
        cells = larger
      }
      cells.set(row, taken++ * width)
      if (taken < most) next++
      else leap()
      return
    }
    cells.set(row, Math.floor((1 - draw()) * most) * width)
    leap()
  }

  /** What the sample tells of a column with these bounds and so many values; undefined if it has none of them. */
  const sketch = (
    column: number,
    known: { min: number; max: number; count: number; isWhole: boolean; exact: boolean },
  ): Sketch | undefined => {
    const values: number[] = []
    for (let row = 0; row < taken; row++) {
      const value = cells[row * width + column] as number
      if (!Number.isNaN(value)) values.push(known.exact ? value : Math.fround(value))
    }
    if (values.length === 0) return undefined
    const sorted = Float64Array.from(values).sort()
    return {
      quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)],
      histogram: histogram(sorted, known),
    }
  }

  return { offer, sketch }
}

export type RowSample = ReturnType<typeof createRowSample>

/** By linear interpolation between the two values around it. */
const quantile = (sorted: Float64Array, share: number): number => {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (place - below)
}

/** Bins of equal width from the least to the greatest value, of few whole numbers one each; counts are of all values. */
const histogram = (
  sorted: Float64Array,
  { min, max, count, isWhole }: { min: number; max: number; count: number; isWhole: boolean },
): { edges: number[]; counts: number[] } => {
  const isFew = isWhole && max - min < histogramBins
  const bins = isFew ? max - min + 1 : min < max ? histogramBins : 1
  const [low, high] = isFew ? [min - 0.5, max + 0.5] : [min, max]
  const edges = Array.from({ length: bins + 1 }, (_, at) => (at === bins ? high : low + (high - low) * (at / bins)))
  const counts: number[] = []
  let at = 0
  let before = 0
  for (let bin = 1; bin <= bins; bin++) {
    const edge = bin === bins ? Number.POSITIVE_INFINITY : (edges[bin] as number)
    while (at < sorted.length && (sorted[at] as number) < edge) at++
    const now = Math.round((at / sorted.length) * count)
    counts.push(now - before)
    before = now
  }
  return { edges, counts }
}
