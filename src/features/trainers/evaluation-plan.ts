/** A dataset that a trainer is evaluated on: the columns that its model and its loss take, or why they cannot. */
import type { DatasetChoice } from '../../api/job-config/parts.schema.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import type { DataPlan, Plan } from '../../contracts/plan.ts'
import { must } from '../../numerics/must.ts'
import { describeShape, sizeOf } from '../../numerics/shape.ts'
import type { Checked } from '../../validation/validation-errors.ts'
import { chooseColumns } from '../jobs/plan/columns.ts'
import { signedLabels } from '../jobs/plan/loss-fit.ts'
import { isCategorical, type PlannedDataset, plannedInSteps } from '../jobs/plan/planned-column.ts'
import { atSynthetic, planSecond, predictedPath } from '../jobs/plan/predicted-data.ts'
import { heldTableRule } from '../jobs/plan/row-rule.ts'
import { heldErrors } from '../jobs/plan/validation-data.ts'
import { inSlices } from '../slices.ts'
import { inTrainersWords } from './trainer-words.ts'

/** Where rows are in a table, and which of its labels are a no and a yes where the loss wants -1 and 1. */
export type EvaluationPlan = Pick<DataPlan, 'signedLabels'> & NonNullable<DataPlan['validation']>

/** What is trained: its plan, and the dataset that it trains on, if it has one. */
export type EvaluatedSubject = { plan: Plan; trained: PlannedDataset | null }

/** Paths of errors begin with `/dataset`. */
export const planEvaluation = async (
  { plan, trained }: EvaluatedSubject,
  choice: DatasetChoice,
  given: PlannedDataset,
): Promise<Checked<EvaluationPlan>> => {
  const planned = trained ? likeTrained({ plan, trained }, choice, given) : await inSlices(likeSent(plan, choice, given))
  return 'errors' in planned ? { errors: planned.errors.map((error) => named(inTrainersWords(error), choice)) } : planned
}

/** By the names of the columns that are trained on. */
const likeTrained = (
  { plan, trained }: { plan: Plan; trained: PlannedDataset },
  choice: DatasetChoice,
  given: PlannedDataset,
): Checked<EvaluationPlan> => {
  const chosen = (['features', 'labels'] as const).filter((field) => field in choice)
  if (chosen.length > 0)
    return { errors: chosen.map((field) => wrong(`/dataset/${field}`, 'conflict', 'is found by the names that the trainer trains on')) }
  const made = planSecond(plan, trained, given, { measured: true, everyRow: false })
  if ('errors' in made) return made
  const { signedLabels: signed, validation } = made.value.data
  if (!validation) throw new Error('a plan with a second dataset has none')
  return { value: { ...validation, ...(signed ? { signedLabels: signed } : {}) } }
}

/** By their roles, as many as an example that is sent has numbers. */
function* likeSent(plan: Plan, choice: DatasetChoice, given: PlannedDataset): Generator<void, Checked<EvaluationPlan>> {
  const { config, data, outputShape } = plan
  const columns = yield* plannedInSteps(given)
  const { chosen, errors } = yield* chooseColumns(choice, columns)
  if (errors.length > 0) return { errors }
  yield
  const misfits = shapeErrors(plan, chosen, given)
  if (misfits.length > 0) return { errors: misfits }
  const features = chosen.featureColumns.flat().map((position) => must(columns, position))
  const categories = features.filter((column) => isCategorical(column))
  if (categories.length > 0)
    return {
      errors: categories.slice(0, 100).map(({ name }) => ({
        ...wrong('/dataset', 'type', `column "${name}" holds categories; this trainer takes numbers, as they are sent`),
        column: name,
      })),
    }
  const second = { columns, plan: { ...chosen, rows: given.rows, rowRule: heldTableRule(config, chosen, columns) } }
  yield
  const unfit = heldErrors(config, second, { outputShape, transforms: data.transforms }, predictedPath)
  if (unfit.length > 0) return { errors: unfit }
  const labels = chosen.labelColumns.map((position) => must(columns, position))
  return { value: { ...second.plan, ...signedLabels(config, labels) } }
}

const shapeErrors = (
  { data }: Plan,
  { featureColumns, labelColumns }: Pick<DataPlan, 'featureColumns' | 'labelColumns'>,
  { inputShape }: PlannedDataset,
): ValidationError[] => {
  const mismatch = (message: string) => [wrong('/dataset', 'shape_mismatch', message)]
  const groups = data.featureColumns.length
  if (featureColumns.length !== groups)
    return mismatch(`its features are ${featureColumns.length} groups; the loss compares ${groups}: name them by \`features\``)
  const shape = describeShape(data.inputShape)
  if (inputShape.length > 0 && describeShape(inputShape) !== shape)
    return mismatch(`its examples have shape ${describeShape(inputShape)}; the trainer takes ${shape}`)
  const features = featureColumns.find((group) => group.length !== sizeOf(data.inputShape))
  if (features) return mismatch(`has ${counted(features.length, 'feature')}; an input of shape ${shape} takes ${sizeOf(data.inputShape)}`)
  if (labelColumns.length === sizeOf(data.labelShape)) return []
  return mismatch(
    `has ${counted(labelColumns.length, 'label')}; a label of shape ${describeShape(data.labelShape)} takes ${sizeOf(data.labelShape)}`,
  )
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const named = (error: ValidationError, choice: DatasetChoice): ValidationError => ('synthetic' in choice ? atSynthetic(error) : error)

const wrong = (path: string, code: string, message: string): ValidationError => ({ path, code, message })
