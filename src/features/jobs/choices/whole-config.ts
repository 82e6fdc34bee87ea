/**
 * From a request that leaves parts of its config out to one that says all of them. What is chosen depends on the request
 * and on what is known of the table's columns and rows, and on nothing else, so that it is the same every time.
 */
import type { StoredColumn } from '../../../api/column.schema.ts'
import { type JobConfigRequest, type JobRequest, plainRecord, solvedDefaults } from '../../../api/job-config.schema.ts'
import { decisionOf } from '../../../catalog/decision.ts'
import { defaultsOf } from '../../../catalog/definition.ts'
import { type OptimizerConfig, optimizerCatalog } from '../../../catalog/optimizers/all-optimizers.ts'
import { lastActivationOf, metricsOfLoss } from '../../../catalog/tasks.ts'
import { type Checked, pointer } from '../../../validation/validation-errors.ts'
import { atOnce } from '../../slices.ts'
import { chooseColumns } from '../plan/columns.ts'
import { plannedInSteps } from '../plan/planned-column.ts'
import { chooseFeatures } from './features.ts'
import { chooseGoal, type Goal } from './goal.ts'
import { inputsOf, type KnownTable } from './known-table.ts'
import { chooseLayers, linearLayer } from './model.ts'
import { choosePreprocessing } from './preprocessing.ts'
import { learningRate } from './rules.ts'
import { chooseTraining } from './training.ts'

/** The parts that are chosen if they were left out. */
type Parts = Pick<JobConfigRequest, 'model' | 'loss' | 'optimizer' | 'training' | 'earlyStopping' | 'preprocessing' | 'metrics' | 'record'>

/** What the choices are made by: the features and labels of a table, and what is to be learned. */
type Known = { table: KnownTable; features: readonly StoredColumn[]; labels: readonly StoredColumn[]; goal: Goal }

/** The config with every part, `auto` naming those that were chosen; or why they cannot be. */
export const toWholeConfig = (request: JobRequest, table: KnownTable): Checked<JobConfigRequest> => atOnce(chooseInSteps(request, table))

/** The same with pauses, since a table may have 250,000 columns. */
export function* chooseInSteps({ auto: _echoed, ...request }: JobRequest, table: KnownTable): Generator<void, Checked<JobConfigRequest>> {
  if (isWhole(request)) return { value: request }
  const { chosen, errors } = yield* chooseColumns(request.dataset, yield* plannedInSteps(table))
  if (errors.length > 0) return { errors }
  const columnsAt = (positions: readonly number[]): StoredColumn[] => positions.flatMap((position) => table.columns[position] ?? [])
  const labels = columnsAt(chosen.labelColumns)
  const goal = chooseGoal(request, labels, table)
  if ('errors' in goal) return goal
  if (!request.model && goal.value.outputs === undefined)
    return { errors: [{ path: '/model', code: 'required', message: `must be given for a loss of two inputs, ${goal.value.loss.type}` }] }

  const unnamed = 'id' in request.dataset && !request.dataset.features && table.columns.every(({ role }) => role !== 'feature')
  const features = unnamed ? chooseFeatures(table, labels) : columnsAt(chosen.featureColumns.flat())
  yield
  const known = { table, features, labels, goal: goal.value }
  const parts = request.solver ? solvedParts(request, known) : trainedParts(request, known)
  yield
  const dataset = unnamed ? { ...request.dataset, features: features.map(({ name }) => name) } : request.dataset
  const auto = [...(unnamed ? ['/dataset/features'] : []), ...chosenPaths(request, parts)]
  return { value: { ...request, ...parts, dataset, ...(auto.length > 0 ? { auto } : {}) } }
}

/** Whether a config is taken as it is. */
const isWhole = (request: JobRequest): request is JobConfigRequest =>
  request.model !== undefined && request.loss !== undefined && request.optimizer !== undefined && request.training?.epochs !== undefined

const trainedParts = (request: JobRequest, { table, features, labels, goal }: Known): Parts => {
  const rows = table.rows - Math.max(0, ...labels.map(({ missing = 0 }) => missing))
  const model = request.model ?? {
    layers: chooseLayers({
      rows,
      inputs: inputsOf(features),
      outputs: goal.outputs ?? 1,
      activation: lastActivationOf(goal.loss.type),
      isFlat: table.inputShape.length < 2,
    }),
  }
  return {
    preprocessing: request.preprocessing ?? choosePreprocessing(request, { features, labels, loss: goal.loss }),
    model,
    loss: goal.loss,
    optimizer: request.optimizer ?? ({ type: 'adamw', ...defaultsOf(optimizerCatalog.adamw), learningRate } as OptimizerConfig),
    ...chooseTraining(request, { rows, isClassified: labels.length === 1 && decisionOf(goal.loss) !== undefined }),
    metrics: request.metrics ?? metricsOfLoss(goal.loss.type),
    record: request.record ?? { gradients: 'norm', weights: 'last' },
  }
}

/** Of a job that is solved nothing else is chosen: its rows are taken as they are, in one step. */
const solvedParts = (request: JobRequest, { goal }: Known): Parts => ({
  preprocessing: request.preprocessing,
  model: request.model ?? { layers: linearLayer(goal.outputs ?? 1) },
  loss: goal.loss,
  optimizer: request.optimizer ?? solvedDefaults.optimizer,
  training: { ...solvedDefaults.training, ...request.training },
  metrics: request.metrics ?? [],
  record: request.record ?? plainRecord,
})

/** Where the parts lie that the request left out and that have been chosen, and what was chosen of one of which it gave some. */
const chosenPaths = (request: JobRequest, parts: Parts): string[] => {
  const whole = partNames.filter((name) => request[name] === undefined && parts[name] !== undefined)
  return [...whole.map((name) => pointer(name)), ...chosenOfTraining(request, parts).map((name) => pointer('training', name))]
}

const chosenOfTraining = ({ training: given, solver }: JobRequest, { training }: Parts): string[] =>
  given && !solver && given.epochs === undefined
    ? trainingChoices.filter((name) => given[name] === undefined && (name !== 'dropLast' || training.dropLast))
    : []

const partNames = ['preprocessing', 'model', 'loss', 'optimizer', 'training', 'earlyStopping', 'metrics', 'record'] as const
const trainingChoices = ['epochs', 'batchSize', 'dropLast', 'validationSplit'] as const
