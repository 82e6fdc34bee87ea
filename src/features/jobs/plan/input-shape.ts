/** The shape of one example, and groups of features that do not go together. */

import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform } from '../../../contracts/plan.ts'
import { sizeOf } from '../../../numerics/shape.ts'
import type { ChosenColumns } from './columns.ts'
import type { PlannedDataset } from './planned-column.ts'
import { transformedWidth } from './preprocessing.ts'

/** The upload's shape if it fits the chosen columns, else one flat axis; one-hot columns and indicators make it flat and wider. */
export const inputShapeOf = (
  [columns = []]: number[][],
  { inputShape }: Pick<PlannedDataset, 'inputShape'>,
  [transforms]: ColumnTransform[][] = [],
): number[] =>
  transforms?.some(({ kind, indicator }) => kind === 'oneHot' || indicator)
    ? [transformedWidth(transforms)]
    : inputShape.length > 0 && sizeOf(inputShape) === columns.length
      ? [...inputShape]
      : [columns.length]

/** Groups of different sizes, which cannot go through one network. */
export const groupErrors = ({ featureColumns }: ChosenColumns, transforms: ColumnTransform[][] | undefined): ValidationError[] => {
  const [a = 0, b = a] = featureColumns.map((columns, group) => (transforms ? transformedWidth(transforms[group] ?? []) : columns.length))
  if (a === b) return []
  const what = transforms ? 'inputs' : 'columns'
  const message = `both groups go through the same network, so they need as many ${what}: a has ${a}, b has ${b}`
  return [{ path: '/dataset/features', code: 'shape_mismatch', message }]
}
