/** The shape of one example, and features that its first layer cannot read. */
import { sizeOf } from '../../../contracts/catalog/layers/layer.ts'
import type { JobConfig } from '../../../contracts/job-config.ts'
import type { ColumnTransform } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'
import type { ChosenColumns, PlannedDataset } from './columns.ts'
import { transformedWidth } from './preprocessing.ts'

/** The upload's shape where it fits the chosen columns, else one flat axis; one-hot columns make it flat and wider. */
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

/** Groups of different sizes; indices that an embedding's table does not have. */
export const dataFaults = ({ model }: JobConfig, { featureColumns }: ChosenColumns, { columns }: PlannedDataset): Fault[] => {
  const faults: Fault[] = []
  const [a = [], b = a] = featureColumns
  if (a.length !== b.length) {
    const message = `both groups go through the same network, so they need as many columns: a has ${a.length}, b has ${b.length}`
    faults.push({ path: '/dataset/features', code: 'shape_mismatch', message })
  }
  const [first] = model.layers
  if (first?.type !== 'embedding') return faults
  for (const { name, min, max, type } of featureColumns.flat().flatMap((position) => columns[position] ?? [])) {
    if (min === undefined || max === undefined) continue
    const expected = `layer 0 (embedding) expects whole indices from 0 to ${first.vocabularySize - 1}`
    const wrong = max >= first.vocabularySize ? max : min < 0 ? min : undefined
    if (wrong !== undefined)
      faults.push({
        path: '/model/layers/0/vocabularySize',
        code: 'range',
        message: `${expected}; column "${name}" holds ${wrong}`,
        column: name,
      })
    else if (type === 'number')
      faults.push({ path: '/model/layers/0', code: 'type', message: `${expected}; column "${name}" holds fractions`, column: name })
  }
  return faults
}
