/** From a validated config and a dataset's description to a plan: every shape resolved, and all that does not fit said at once. */
import { sizeOf } from '../../contracts/catalog/layers/layer.ts'
import type { JobConfig } from '../../contracts/job-config.ts'
import type { DataPlan, LayerPlan, Plan } from '../../contracts/plan.ts'
import type { Fault } from '../../contracts/problems.ts'
import { chooseColumns, dependableColumns, type PlannedDataset } from './plan/columns.ts'
import { initialWeightFaults } from './plan/initial-weights.ts'
import { dataFaults, inputShapeOf } from './plan/input-shape.ts'
import { inferLayers } from './plan/layer-shapes.ts'
import { fitLoss, metricFaults } from './plan/loss-fit.ts'
import { estimateMemory } from './plan/memory.ts'
import { planTransforms } from './plan/preprocessing.ts'
import { planRows } from './plan/rows.ts'
import { solverFaults } from './plan/solver-fit.ts'
import { planValidation } from './plan/validation-data.ts'

/** More would not fit into any message or checkpoint. */
const mostParameters = 200_000_000

/**
 * A plan, or every reason why there is none. `validation` is the dataset that the config holds against the model; without
 * it the plan has no rows for validation, which is enough where nothing is trained.
 */
export const makePlan = (config: JobConfig, given: PlannedDataset, validation?: PlannedDataset): { plan: Plan } | { faults: Fault[] } => {
  const dataset = { ...given, columns: dependableColumns(given) }
  const { chosen, faults: columnFaults } = chooseColumns(config.dataset, dataset)
  const rows = planRows(config, dataset.rows, validation)
  const faults = [...columnFaults, ...rows.faults, ...optimizerFaults(config), ...metricFaults(config)]
  if (columnFaults.length > 0) return { faults }

  const { transforms, faults: transformFaults } = planTransforms(config, chosen, dataset)
  if (transformFaults.length > 0) return { faults: [...faults, ...transformFaults] }
  const inputShape = inputShapeOf(chosen.featureColumns, dataset, transforms)
  const { layers, faults: layerFaults } = inferLayers(config.model.layers, inputShape)
  faults.push(...dataFaults(config, chosen, dataset), ...layerFaults)
  if (layers.length < config.model.layers.length) return { faults }

  const outputShape = layers.at(-1)?.outputShape ?? inputShape
  const labels = chosen.labelColumns.flatMap((position) => dataset.columns[position] ?? [])
  const fit = fitLoss(config.loss, { outputShape, labels, groups: chosen.featureColumns.length })
  if ('faults' in fit) faults.push(...fit.faults)
  const held = validation && planValidation(config, { chosen, dataset, outputShape, fits: faults.length === 0 }, validation)
  if (held && 'faults' in held) faults.push(...held.faults)
  const features = chosen.featureColumns.flat().flatMap((position) => dataset.columns[position] ?? [])
  faults.push(...solverFaults(config, layers, { trainingRows: rows.trainingRows, features, transforms: transforms?.[0] }))
  faults.push(...initialWeightFaults(config.model.initialWeights ?? {}, layers), ...batchFaults(layers, rows.smallestBatch))

  const parameters = layers.flatMap((layer) => layer.parameters)
  const parameterCount = parameters.reduce((total, { shape }) => total + sizeOf(shape), 0)
  faults.push(...parameterFaults(parameterCount))
  if (faults.length > 0 || 'faults' in fit || (held && 'faults' in held)) return { faults }

  const data: DataPlan = {
    ...chosen,
    ...(transforms ? { transforms } : {}),
    inputShape,
    labelShape: fit.labelShape,
    rows: dataset.rows,
    ...held,
  }
  const { trainingRows, validationRows, stepsPerEpoch } = rows
  const plan = { config, data, layers, parameters, parameterCount, outputShape, trainingRows, validationRows, stepsPerEpoch }
  return { plan: { ...plan, memoryBytes: estimateMemory(plan) } }
}

/** A model has something to learn, and not more than can be kept. */
const parameterFaults = (count: number): Fault[] => {
  const path = '/model/layers'
  if (count === 0) return [{ path, code: 'too_small', message: 'the model has no parameters, so there is nothing to train' }]
  if (count <= mostParameters) return []
  return [{ path, code: 'too_large', message: `the model has ${count} parameters; at most ${mostParameters} are allowed` }]
}

/** PyTorch's rule for Nesterov's momentum. */
const optimizerFaults = ({ optimizer }: JobConfig): Fault[] => {
  if (optimizer.type !== 'sgd' || !optimizer.nesterov || (optimizer.momentum > 0 && optimizer.dampening === 0)) return []
  return [{ path: '/optimizer/nesterov', code: 'range', message: 'needs a momentum above 0 and no dampening' }]
}

/** Statistics of a mini-batch need more than one value per channel. */
const batchFaults = (layers: readonly LayerPlan[], smallestBatch: number): Fault[] => {
  const alone = layers.find((layer) => layer.config.type === 'batchNorm' && smallestBatch === 1 && layer.inputShape.length === 1)
  if (!alone) return []
  const message = `layer ${alone.index} (batchNorm) needs at least 2 rows in every mini-batch; the smallest has 1: choose another batchSize or dropLast`
  return [{ path: '/training/batchSize', code: 'range', message }]
}
