/** From a validated config and a dataset's description to a plan: every shape resolved, and all that does not fit said at once. */

import type { JobConfig } from '../../../api/job-config.schema.ts'
import { layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { optimizerConflict } from '../../../catalog/optimizers/all-optimizers.ts'
import { conflictErrors } from '../../../catalog/option-conflict.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { countForGood } from '../../../contracts/kept-weights.ts'
import type { DataPlan, LayerPlan, Plan, RowCounts } from '../../../contracts/plan.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import type { Checked } from '../../../validation/validation-errors.ts'
import { atOnce } from '../../slices.ts'
import { indexErrors } from './index-inputs.ts'
import { initialWeightErrors } from './initial-weights.ts'
import { groupErrors, inputShapeOf } from './input-shape.ts'
import { inferLayers } from './layer-shapes.ts'
import { fitLoss, labelScaleErrors, metricErrors, oneClassErrors, signedLabels } from './loss-fit.ts'
import { estimateMemory } from './memory.ts'
import { type PlannedRows, planData } from './plan-data.ts'
import type { PlannedDataset } from './planned-column.ts'
import { planTransforms } from './preprocessing.ts'
import { solverFit } from './solver-fit.ts'
import { thresholdErrors } from './threshold-errors.ts'
import { heldErrors } from './validation-data.ts'

/** More are not trained here. */
const maxParameters = 200_000_000

/** What a job may leave behind in weights and gradients, in bytes: a tebibyte. */
const maxRecordedBytes = 2 ** 40

/**
 * What is asked of a plan. `stored`: only that it can be made, since the job was found right by the rules of its day. `counts`:
 * how the rows are used, if they had to be counted; as long as they have to be, nothing is said of whether they are enough.
 */
type PlanOptions = { stored?: boolean; counts?: RowCounts }

/**
 * A plan, or every reason why there is none. `validation` is the dataset that the config holds against the model; without
 * it the plan has no rows for validation, which is enough if nothing is trained.
 */
export const makePlan = (...asked: Parameters<typeof planInSteps>): Checked<Plan> => atOnce(planInSteps(...asked))

/** The same with pauses, since a table may have 250,000 columns. */
export function* planInSteps(
  config: JobConfig,
  dataset: PlannedDataset,
  validation?: PlannedDataset,
  { stored = false, counts }: PlanOptions = {},
): Generator<void, Checked<Plan>> {
  const { columns, chosen, rowRule, rows, second, ...told } = yield* planData(config, { dataset, validation }, counts)
  const errors = [...told.errors, ...conflictErrors(optimizerConflict(config.optimizer), '/optimizer'), ...metricErrors(config)]
  errors.push(...thresholdErrors(config, rows))
  if (!told.isComplete) return { errors }

  const { transforms, errors: transformErrors } = yield* planTransforms(config, chosen, columns, dataset.levels)
  errors.push(...transformErrors)
  if (transformErrors.length > 0 && !stored) return { errors }
  yield
  const inputShape = inputShapeOf(chosen.featureColumns, dataset, transforms)
  yield
  const { layers, errors: layerErrors } = inferLayers(config.model.layers, inputShape)
  errors.push(...groupErrors(chosen, transforms))
  yield
  errors.push(...indexErrors(config, chosen, columns, transforms), ...layerErrors)
  if (layers.length < config.model.layers.length) return { errors }

  yield
  const outputShape = layers.at(-1)?.outputShape ?? inputShape
  const labels = chosen.labelColumns.flatMap((position) => columns[position] ?? [])
  const fit = fitLoss(config.loss, { outputShape, labels, groups: chosen.featureColumns.length })
  errors.push(...fit.errors, ...labelScaleErrors(config, labels), ...oneClassErrors(config, labels))
  // What the training data is wrong in already would be said twice.
  if (second && errors.length === 0) errors.push(...heldErrors(config, second, { outputShape, transforms }))
  errors.push(...told.secondErrors)
  yield
  if (config.solver) {
    const features = chosen.featureColumns.flat().flatMap((position) => columns[position] ?? [])
    errors.push(...solverFit(config, layers, { trainingRows: rows.trainingRows, features, transforms: transforms?.[0] }))
  }
  errors.push(...initialWeightErrors(config.model.initialWeights ?? {}, layers), ...batchErrors(layers, rows))

  const parameters = layers.flatMap((layer) => layer.parameters)
  const parameterCount = parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)
  errors.push(...parameterErrors(parameterCount), ...recordErrors(config, parameterCount))
  const { labelShape } = fit
  if (labelShape === undefined || told.secondErrors.length > 0 || (errors.length > 0 && !stored)) return { errors }

  yield
  const data: DataPlan = {
    ...chosen,
    ...(transforms ? { transforms } : {}),
    ...(config.preprocessing?.standardizeLabels ? { standardizesLabels: true } : {}),
    ...signedLabels(config, labels),
    inputShape,
    labelShape,
    rows: dataset.rows,
    rowRule,
    ...(second ? { validation: second.plan } : {}),
  }
  const { trainingRows, validationRows, droppedRows, stepsPerEpoch } = rows
  const used = { trainingRows, validationRows, droppedRows, stepsPerEpoch }
  const plan = { config, data, layers, parameters, parameterCount, outputShape, ...used }
  return { value: { ...plan, memoryBytes: estimateMemory(plan) } }
}

/**
 * The plan of a job that was queued, maybe by an older version whose rules were others; `counts` if its rows were counted then.
 * @throws Error naming what there is no plan without
 */
export const planStored = (config: JobConfig, dataset: PlannedDataset, validation?: PlannedDataset, counts?: RowCounts): Plan => {
  const made = makePlan(config, dataset, validation, { stored: true, counts })
  if ('value' in made) return made.value
  throw new Error(`a stored job cannot be planned: ${made.errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
}

/** A model has something to learn, and not more than can be kept. */
const parameterErrors = (count: number): ValidationError[] => {
  const path = '/model/layers'
  if (count === 0) return [{ path, code: 'too_small', message: 'the model has no parameters, so there is nothing to train' }]
  if (count <= maxParameters) return []
  return [{ path, code: 'too_large', message: `the model has ${count} parameters; at most ${maxParameters} are allowed` }]
}

/** What is kept of all epochs together can be stored. */
const recordErrors = ({ record, training }: JobConfig, parameterCount: number): ValidationError[] => {
  const copies = countForGood({ record }, training.epochs) + (record.gradients === 'full' ? training.epochs : 0)
  const bytes = 4 * parameterCount * copies
  if (bytes <= maxRecordedBytes) return []
  const gibibytes = (count: number): number => Math.ceil(count / 2 ** 30)
  const message = `${training.epochs} epochs would leave ${gibibytes(bytes)} GiB of weights and gradients; at most ${gibibytes(maxRecordedBytes)} GiB are kept: record fewer`
  return [{ path: '/record', code: 'too_large', message }]
}

/** The first layer that needs more rows in every mini-batch than the smallest has. */
const batchErrors = (layers: readonly LayerPlan[], { smallestBatch, isCounted }: PlannedRows): ValidationError[] => {
  if (!isCounted) return []
  for (const { index, config, inputShape } of layers) {
    const needed = layerDefinition(config).minRows?.(inputShape)
    if (!needed || smallestBatch >= needed.rows) continue
    const message = `layer ${index} (${config.type}) needs ${needed.because}, so at least ${needed.rows} rows in every mini-batch; the smallest has ${smallestBatch}, of shape ${describeShape(inputShape)}: choose another batchSize or dropLast`
    return [{ path: '/training/batchSize', code: 'range', message }]
  }
  return []
}
