/** A table is evaluated in batches that fit into memory. */
import { sizeOf } from '../numerics/shape.ts'
import type { Plan } from './plan.ts'

/** Values that the widest layer may hold for one batch, and rows of a batch: sums of more lose digits in float32. */
const maxValues = 2 ** 22
const maxRows = 2 ** 14

/** Rows of a batch: a function of the plan alone, so that every run adds up the same batches. */
export const rowsPerEvaluationBatch = ({ layers, data }: Pick<Plan, 'layers' | 'data'>): number => {
  const widest = Math.max(sizeOf(data.inputShape), ...layers.map(({ outputShape }) => sizeOf(outputShape)))
  return Math.max(1, Math.min(maxRows, Math.floor(maxValues / widest)))
}
