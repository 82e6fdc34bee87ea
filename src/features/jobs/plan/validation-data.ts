/** A second dataset, whose rows are held back or predicted for: its columns, found by the names of those that the job trains on. */

import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, DataPlan } from '../../../contracts/plan.ts'
import { must } from '../../../numerics/must.ts'
import { type Checked, maxListedErrors } from '../../../validation/validation-errors.ts'
import { type ChosenColumns, placesOf } from './columns.ts'
import { indexErrors } from './index-inputs.ts'
import { fitLoss } from './loss-fit.ts'
import { rejectedErrors } from './missing.ts'
import { isCategorical, type PlannedColumn, type PlannedDataset, plannedColumns } from './planned-column.ts'
import { heldTableRule } from './row-rule.ts'

/** Where a config names the dataset whose rows are held back. */
export const validationPath = '/training/validationDataset/id'

/** The columns that a job trains on, and the shape that their upload gave an example. */
type Trained = { chosen: ChosenColumns; columns: readonly PlannedColumn[]; inputShape: readonly number[] }

/** What becomes of them. */
type Modelled = { outputShape: readonly number[]; transforms: ColumnTransform[][] | undefined }

/** The same columns of the second dataset, and which of its rows are used. */
export type SecondData = { columns: readonly PlannedColumn[]; plan: NonNullable<DataPlan['validation']> }

/** The columns of the second dataset by the names of those that are trained on, or which it lacks or holds otherwise. */
export const findSecond = (config: JobConfig, trained: Trained, given: PlannedDataset, path: string): Checked<SecondData> => {
  const own = plannedColumns(given)
  const { found, errors } = findColumns(trained, own, given, path)
  const wrong = errors.length > 0 ? errors : kindErrors(trained, own, found, path)
  if (wrong.length > 0) return { errors: wrong }
  // Its categories are told by the codes of those that the job trains on.
  const columns = withCodesOf(trained, own, found)
  return { value: { columns, plan: { ...found, rows: given.rows, rowRule: heldTableRule(config, found, own) } } }
}

/** What is wrong with the second dataset as the one whose rows are held back: a job may also say what becomes of its missing cells. */
export const heldErrors = (config: JobConfig, second: SecondData, modelled: Modelled, path = validationPath): ValidationError[] => {
  const features = second.plan.featureColumns.flat().flatMap((position) => second.columns[position] ?? [])
  const rejected = rejectedErrors(config, features).map((error) => ({ ...error, path }))
  return [...rejected, ...secondMisfits(config, second, modelled, path)]
}

/** Values of the second dataset that the model cannot take, or the loss if there are labels. */
export const secondMisfits = (
  config: JobConfig,
  { columns, plan }: SecondData,
  { outputShape, transforms }: Modelled,
  path: string,
): ValidationError[] => {
  const labels = plan.labelColumns.flatMap((position) => columns[position] ?? [])
  const fit = labels.length > 0 ? fitLoss(config.loss, { outputShape, labels, groups: plan.featureColumns.length }).errors : []
  const errors = [...indexErrors(config, plan, columns, transforms), ...fit]
  return errors.map((error) => ({ ...error, path }))
}

/** The columns of the second dataset by position, and what each of them is in the first. */
const pairsOf = (chosen: ChosenColumns, found: ChosenColumns): [own: number, trained: number][] => {
  const trained = [...chosen.featureColumns.flat(), ...chosen.labelColumns]
  return [...found.featureColumns.flat(), ...found.labelColumns].map((own, at) => [own, must(trained, at)])
}

/** Columns that are categories in one of the datasets and numbers in the other. */
const kindErrors = ({ chosen, columns }: Trained, own: readonly PlannedColumn[], found: ChosenColumns, path: string): ValidationError[] =>
  pairsOf(chosen, found)
    .flatMap(([at, trainedAt]): ValidationError[] => {
      const [one, other] = [must(own, at), must(columns, trainedAt)]
      if (isCategorical(one) === isCategorical(other)) return []
      const message = `column "${one.name}" holds ${kindOf(one)}; the job trains on ${kindOf(other)}: declare its type when it is uploaded`
      return [{ path, code: 'type', message, column: one.name }]
    })
    .slice(0, maxListedErrors)

const kindOf = (column: PlannedColumn): string => (isCategorical(column) ? 'categories' : 'numbers')

const withCodesOf = ({ chosen, columns }: Trained, own: readonly PlannedColumn[], found: ChosenColumns): PlannedColumn[] => {
  const second = [...own]
  for (const [at, trainedAt] of pairsOf(chosen, found))
    if (isCategorical(must(own, at))) second[at] = { ...must(columns, trainedAt), missing: must(own, at).missing }
  return second
}

/** The same columns in the other dataset, or those that it lacks. */
const findColumns = (
  { chosen, columns, inputShape }: Trained,
  own: readonly PlannedColumn[],
  given: PlannedDataset,
  path: string,
): { found: ChosenColumns; errors: ValidationError[] } => {
  const errors: ValidationError[] = []
  const places = placesOf(own)
  const known = given.columns
    .slice(0, 50)
    .map(({ name }) => name)
    .join(', ')
  const find = (positions: readonly number[]): number[] =>
    positions.flatMap((position) => {
      const name = must(columns, position).name
      const at = places.get(name)
      if (at !== undefined) return [at]
      if (errors.length >= maxListedErrors) return []
      const message = `has no column "${name}", which the job trains on; it has ${known}`
      errors.push({ path, code: 'unknown_column', message, column: name })
      return []
    })
  const found = { featureColumns: chosen.featureColumns.map(find), labelColumns: find(chosen.labelColumns) }
  const [wanted, got] = [inputShape.join(', '), given.inputShape.join(', ')]
  if (wanted && got && wanted !== got)
    errors.push({
      path,
      code: 'shape_mismatch',
      message: `its examples have shape [${got}]; the job trains on examples of shape [${wanted}]`,
    })
  return { found, errors }
}
