/** The shape of one example, and groups of features that do not go together. */

import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform } from '../../../contracts/plan.ts'
import { sizeOf } from '../../../numerics/shape.ts'
import type { ChosenColumns, PlannedDataset } from './columns.ts'
import { transformedWidth } from './preprocessing.ts'

/** The upload's shape if it fits the chosen columns, else one flat axis; one-hot columns make it flat and wider. */
export const inputShapeOf = (
  [columns = []]: number[][],
  { inputShape }: PlannedDataset,
  [transforms]: ColumnTransform[][] = [],
): number[] =>
  transforms?.some(({ kind }) => kind === 'oneHot')
    ? [transformedWidth(transforms)]
    : inputShape.length > 0 && sizeOf(inputShape) === columns.length
      ? [...inputShape]
      : [columns.length]

/** Groups of different sizes, which cannot go through one network. */
export const groupErrors = ({ featureColumns }: ChosenColumns): ValidationError[] => {
  const [a = [], b = a] = featureColumns
  if (a.length === b.length) return []
  const message = `both groups go through the same network, so they need as many columns: a has ${a.length}, b has ${b.length}`
  return [{ path: '/dataset/features', code: 'shape_mismatch', message }]
}
