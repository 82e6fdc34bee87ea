/** Rows of a table a piece at a time: as they are stored, or generated here. */
import type { SyntheticSpec } from '../../src/catalog/generators.ts'
import { createGenerator } from '../../src/features/datasets/generators/generate.ts'

/** Makes rows of a synthetic table, row-major: features first, the label last, as its columns are listed. */
export const createRowMaker = (spec: SyntheticSpec) => {
  const generator = createGenerator(spec)
  const features = generator.featureNames.length
  const width = features + 1

  /** `count` rows from one on. */
  const make = (from: number, count: number): Float32Array => {
    const made = generator.rows(from, count)
    const table = new Float32Array(count * width)
    for (let row = 0; row < count; row += 1) {
      for (let k = 0; k < features; k += 1) table[row * width + k] = made.features[row * features + k] as number
      table[row * width + features] = made.labels[row] as number
    }
    return table
  }

  return { width, make }
}
