/** A dataset to predict for: the columns that the model of a job takes, found by their names, and why it cannot take them. */
import { missingStrategies } from '../../../api/job-config/preprocessing.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { must } from '../../../numerics/must.ts'
import { type Checked, maxListedErrors } from '../../../validation/validation-errors.ts'
import { missingRuleOf } from './missing.ts'
import { type PlannedColumn, type PlannedDataset, plannedColumns } from './planned-column.ts'
import { findSecond, heldErrors, type SecondData, secondMisfits } from './validation-data.ts'

/** Where a request names the dataset. */
export const predictedPath = '/dataset/id'

/** A dataset that came as a spec has no id. */
export const atSynthetic = (error: ValidationError): ValidationError =>
  error.path === predictedPath ? { ...error, path: '/dataset/synthetic' } : error

/** The plan of a job with the dataset as its second one, of which every row is predicted for; with labels if loss and metrics are to be measured. */
export const planPredicted = (plan: Plan, trained: PlannedDataset, given: PlannedDataset, measured: boolean): Checked<Plan> =>
  planSecond(plan, trained, given, { measured, everyRow: true })

/** The same; unless `everyRow` counts, those without a label are left out, as in training. */
export const planSecond = (
  plan: Plan,
  trained: PlannedDataset,
  given: PlannedDataset,
  { measured, everyRow }: { measured: boolean; everyRow: boolean },
): Checked<Plan> => {
  const { config, data, outputShape } = plan
  const chosen = { featureColumns: data.featureColumns, labelColumns: measured ? data.labelColumns : [] }
  const columns = plannedColumns(trained)
  const found = findSecond(config, { chosen, columns, inputShape: trained.inputShape }, given, predictedPath)
  if ('errors' in found) return found
  const errors = [
    ...momentErrors(columns, chosen, found.value),
    ...(everyRow ? gapErrors(plan, found.value) : []),
    ...(everyRow ? secondMisfits : heldErrors)(config, found.value, { outputShape, transforms: data.transforms }, predictedPath),
  ]
  if (errors.length > 0) return { errors: errors.slice(0, maxListedErrors) }
  return { value: { ...plan, data: { ...data, validation: found.value.plan } } }
}

/** Dates in one of the datasets that are numbers in the other. */
const momentErrors = (
  columns: readonly PlannedColumn[],
  chosen: { featureColumns: number[][]; labelColumns: number[] },
  { columns: own, plan }: SecondData,
): ValidationError[] => {
  const trained = [...chosen.featureColumns.flat(), ...chosen.labelColumns].map((position) => must(columns, position))
  return [...plan.featureColumns.flat(), ...plan.labelColumns].flatMap((position, at): ValidationError[] => {
    const [one, other] = [must(own, position), must(trained, at)]
    if (isMoment(one) === isMoment(other)) return []
    const message = `column "${one.name}" holds ${one.holds}; the job trains on ${other.holds}: declare its type when it is uploaded`
    return [{ path: predictedPath, code: 'type', message, column: one.name }]
  })
}

const isMoment = ({ holds }: PlannedColumn): boolean => holds === 'date' || holds === 'datetime'

/** Cells that are missing and that nothing fills: every row is predicted for, so none may be left out. */
const gapErrors = ({ config }: Plan, { columns, plan }: SecondData): ValidationError[] => {
  const labels = new Set(plan.labelColumns)
  return [...new Set([...plan.featureColumns.flat(), ...labels])].flatMap((position): ValidationError[] => {
    const { name, missing } = must(columns, position)
    if (missing === 0) return []
    const { strategy } = missingRuleOf(config, name)
    if (!labels.has(position) && missingStrategies[strategy].fillsWith !== null) return []
    const why = labels.has(position)
      ? 'and it is a label: the rows are predicted for without it if "metrics" is false'
      : `and the job fills none, its rule being ${strategy}: leave these rows out of the dataset, or train with a rule that fills, such as {"strategy": "mostFrequent"}`
    return [
      { path: predictedPath, code: 'missing_values', message: `column "${name}" has ${missing} missing values, ${why}`, column: name },
    ]
  })
}
