/** Labels that come with rows to predict for, as the numbers that training reads. */
import type { Cell } from '../../api/prediction.schema.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import type { Plan } from '../../contracts/plan.ts'
import { lastOf } from '../../numerics/must.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { type ErrorList, pointer } from '../../validation/validation-errors.ts'
import type { MissingMarkers } from '../datasets/table/missing.ts'
import type { NamedLabel } from '../jobs/plan/classes.ts'
import { labelRangeError } from '../jobs/plan/label-range.ts'
import { isYesOrNo, type PlannedColumn } from '../jobs/plan/planned-column.ts'
import { readCell } from './prediction-cells.ts'

type LabelledModel = { plan: Plan; labels: readonly NamedLabel[]; markers: MissingMarkers }

/** The labels of each row; what is wrong with them goes into `errors`. */
export const readPredictionLabels = (given: readonly Cell[][], rows: number, model: LabelledModel, errors: ErrorList): number[][] => {
  if (given.length !== rows)
    errors.add({
      path: '/labels',
      code: 'unequal_lengths',
      message: `must have as many rows as there are to predict for: ${given.length} and ${rows}`,
    })
  const features = model.labels.map(({ column: { name, holds }, levels }) => ({
    name,
    holds,
    markers: model.markers,
    unfilledBy: 'error',
    ...(levels ? { codes: new Map(levels.map((level, code) => [level, code])) } : {}),
  }))
  const rangeErrors = features.map((_, at) => createRangeErrors(model, at))
  return given.map((row, at) => {
    if (row.length !== features.length) {
      errors.add({
        path: pointer('labels', at),
        code: 'shape_mismatch',
        message: `has ${row.length} values; the job has ${features.length} labels`,
      })
      return []
    }
    return features.map((feature, place) => {
      const path = (): string => pointer('labels', at, place)
      const value = readCell(row[place] ?? null, feature, path, errors)
      for (const error of value === null ? [] : (rangeErrors[place]?.(value) ?? [])) errors.add({ ...error, path: path() })
      return value ?? Number.NaN
    })
  })
}

/** Says of a value why the loss cannot take it; each value is looked at once. */
const createRangeErrors = ({ plan, labels }: LabelledModel, at: number) => {
  const { config, data, outputShape } = plan
  const { target }: Loss = lossCatalog[config.loss.type]
  const isShare = sizeOf(data.labelShape) === sizeOf(outputShape) && target === 'class' && outputShape.at(-1) !== 1
  const kind = isShare ? 'probability' : target
  const column = labels[at]?.column
  const known = new Map<number, ReturnType<typeof labelRangeError>>()
  return (value: number) => {
    const found = known.get(value)
    if (found || !column || (kind === 'sign' && isYesOrNo(column))) return found ?? []
    const told: PlannedColumn = {
      ...column,
      type: Number.isInteger(value) ? 'integer' : 'number',
      min: value,
      max: value,
      mean: value,
      std: 0,
    }
    const errors = labelRangeError(kind, told, config.loss, lastOf(outputShape))
    known.set(value, errors)
    return errors
  }
}
