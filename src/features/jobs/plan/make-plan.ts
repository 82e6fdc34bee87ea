/** From a validated config and a dataset's description to a plan: every shape resolved, and all that does not fit said at once. */

import type { JobConfig } from '../../../api/job-config.schema.ts'
import { layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { optimizerConflict } from '../../../catalog/optimizers/all-optimizers.ts'
import { conflictErrors } from '../../../catalog/option-conflict.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { DataPlan, LayerPlan, Plan } from '../../../contracts/plan.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import type { Checked } from '../../../validation/validation-errors.ts'
import { chooseColumns, dependableColumns, type PlannedDataset } from './columns.ts'
import { indexErrors } from './index-inputs.ts'
import { initialWeightErrors } from './initial-weights.ts'
import { groupErrors, inputShapeOf } from './input-shape.ts'
import { inferLayers } from './layer-shapes.ts'
import { fitLoss, metricErrors } from './loss-fit.ts'
import { estimateMemory } from './memory.ts'
import { planTransforms } from './preprocessing.ts'
import { planRows } from './rows.ts'
import { solverFit } from './solver-fit.ts'
import { planValidation } from './validation-data.ts'

/** More are not trained here. */
const maxParameters = 200_000_000

/** What a job may leave behind in weights and gradients, in bytes: a tebibyte. */
const maxRecordedBytes = 2 ** 40

/** What is asked of a plan. `stored`: only that it can be made, since the job was found right by the rules of its day. */
type PlanOptions = { stored?: boolean }

/**
 * A plan, or every reason why there is none. `validation` is the dataset that the config holds against the model; without
 * it the plan has no rows for validation, which is enough if nothing is trained.
 */
export const makePlan = (
  config: JobConfig,
  given: PlannedDataset,
  validation?: PlannedDataset,
  { stored = false }: PlanOptions = {},
): Checked<Plan> => {
  const dataset = { ...given, columns: dependableColumns(given) }
  const { chosen, errors: columnErrors } = chooseColumns(config.dataset, dataset)
  const rows = planRows(config, dataset.rows, validation)
  const errors = [
    ...columnErrors,
    ...rows.errors,
    ...conflictErrors(optimizerConflict(config.optimizer), '/optimizer'),
    ...metricErrors(config),
  ]
  if (columnErrors.length > 0) return { errors }

  const { transforms, errors: transformErrors } = planTransforms(config, chosen, dataset)
  if (transformErrors.length > 0) return { errors: [...errors, ...transformErrors] }
  const inputShape = inputShapeOf(chosen.featureColumns, dataset, transforms)
  const { layers, errors: layerErrors } = inferLayers(config.model.layers, inputShape)
  errors.push(...groupErrors(chosen), ...indexErrors(config, chosen, dataset.columns, transforms), ...layerErrors)
  if (layers.length < config.model.layers.length) return { errors }

  const outputShape = layers.at(-1)?.outputShape ?? inputShape
  const labels = chosen.labelColumns.flatMap((position) => dataset.columns[position] ?? [])
  const fit = fitLoss(config.loss, { outputShape, labels, groups: chosen.featureColumns.length })
  errors.push(...fit.errors)
  const held = validation && planValidation(config, { chosen, dataset, outputShape, transforms, fits: errors.length === 0 }, validation)
  errors.push(...(held?.errors ?? []))
  const features = chosen.featureColumns.flat().flatMap((position) => dataset.columns[position] ?? [])
  errors.push(...solverFit(config, layers, { trainingRows: rows.trainingRows, features, transforms: transforms?.[0] }))
  errors.push(...initialWeightErrors(config.model.initialWeights ?? {}, layers), ...batchErrors(layers, rows.smallestBatch))

  const parameters = layers.flatMap((layer) => layer.parameters)
  const parameterCount = parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)
  errors.push(...parameterErrors(parameterCount), ...recordErrors(config, parameterCount))
  const { labelShape } = fit
  if (labelShape === undefined || (held && !held.validation) || (errors.length > 0 && !stored)) return { errors }

  const data: DataPlan = {
    ...chosen,
    ...(transforms ? { transforms } : {}),
    inputShape,
    labelShape,
    rows: dataset.rows,
    ...(held ? { validation: held.validation } : {}),
  }
  const { trainingRows, validationRows, stepsPerEpoch } = rows
  const plan = { config, data, layers, parameters, parameterCount, outputShape, trainingRows, validationRows, stepsPerEpoch }
  return { value: { ...plan, memoryBytes: estimateMemory(plan) } }
}

/** The plan of a job that was queued, maybe by an older version whose rules were others. @throws Error naming what there is no plan without */
export const planStored = (config: JobConfig, dataset: PlannedDataset, validation?: PlannedDataset): Plan => {
  const made = makePlan(config, dataset, validation, { stored: true })
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
  const copies = (record.weights === 'everyEpoch' ? 1 : 0) + (record.gradients === 'full' ? 1 : 0)
  const bytes = 4 * parameterCount * copies * training.epochs
  if (bytes <= maxRecordedBytes) return []
  const gibibytes = (count: number): number => Math.ceil(count / 2 ** 30)
  const message = `${training.epochs} epochs would leave ${gibibytes(bytes)} GiB of weights and gradients; at most ${gibibytes(maxRecordedBytes)} GiB are kept: record fewer`
  return [{ path: '/record', code: 'too_large', message }]
}

/** The first layer that needs more rows in every mini-batch than the smallest has. */
const batchErrors = (layers: readonly LayerPlan[], smallestBatch: number): ValidationError[] => {
  for (const { index, config, inputShape } of layers) {
    const needed = layerDefinition(config).minRows?.(inputShape)
    if (!needed || smallestBatch >= needed.rows) continue
    const message = `layer ${index} (${config.type}) needs ${needed.because}, so at least ${needed.rows} rows in every mini-batch; the smallest has ${smallestBatch}, of shape ${describeShape(inputShape)}: choose another batchSize or dropLast`
    return [{ path: '/training/batchSize', code: 'range', message }]
  }
  return []
}
