/** A second dataset whose rows are held back: its columns, found by the names of those that the job trains on. */

import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, DataPlan } from '../../../contracts/plan.ts'
import { must } from '../../../numerics/must.ts'
import { maxListedErrors } from '../../../validation/validation-errors.ts'
import { type ChosenColumns, dependableColumns, type PlannedDataset, placesOf } from './columns.ts'
import { indexErrors } from './index-inputs.ts'
import { fitLoss } from './loss-fit.ts'

const path = '/training/validationDataset/id'

/** What is known of the data that the job trains on; `fits` if nothing is wrong with it. */
type Trained = {
  chosen: ChosenColumns
  dataset: PlannedDataset
  outputShape: readonly number[]
  transforms: ColumnTransform[][] | undefined
  fits: boolean
}

/**
 * The columns of the second dataset, or what does not fit: columns that it lacks, and values that the model or the loss
 * cannot take. The latter are looked for only if the training data itself fits, or each would be said twice.
 */
export const planValidation = (
  config: JobConfig,
  { chosen, dataset, outputShape, transforms, fits }: Trained,
  given: PlannedDataset,
): { validation?: NonNullable<DataPlan['validation']>; errors: ValidationError[] } => {
  const second = { ...given, columns: dependableColumns(given) }
  const { found, errors } = findColumns(chosen, dataset, second)
  if (errors.length > 0) return { errors }
  const labels = found.labelColumns.flatMap((position) => second.columns[position] ?? [])
  const fit = fitLoss(config.loss, { outputShape, labels, groups: found.featureColumns.length })
  const misfits = fits ? [...indexErrors(config, found, second.columns, transforms), ...fit.errors] : []
  return { validation: { ...found, rows: given.rows }, errors: misfits.map((error) => ({ ...error, path })) }
}

/** The same columns in the other dataset, or those that it lacks. */
const findColumns = (
  chosen: ChosenColumns,
  training: PlannedDataset,
  given: PlannedDataset,
): { found: ChosenColumns; errors: ValidationError[] } => {
  const errors: ValidationError[] = []
  const places = placesOf(given.columns)
  const known = given.columns
    .slice(0, 50)
    .map(({ name }) => name)
    .join(', ')
  const find = (positions: readonly number[]): number[] =>
    positions.flatMap((position) => {
      const name = must(training.columns, position).name
      const at = places.get(name)
      if (at !== undefined) return [at]
      if (errors.length >= maxListedErrors) return []
      const message = `has no column "${name}", which the job trains on; it has ${known}`
      errors.push({ path, code: 'unknown_column', message, column: name })
      return []
    })
  const found = { featureColumns: chosen.featureColumns.map(find), labelColumns: find(chosen.labelColumns) }
  const [wanted, got] = [training.inputShape.join(', '), given.inputShape.join(', ')]
  if (wanted && got && wanted !== got)
    errors.push({
      path,
      code: 'shape_mismatch',
      message: `its examples have shape [${got}]; the job trains on examples of shape [${wanted}]`,
    })
  return { found, errors }
}
