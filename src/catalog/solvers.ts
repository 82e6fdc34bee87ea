/** Ways to find weights without stepping through epochs: what each needs of a job, and what it minimizes. */
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { ValidationError } from '../contracts/error-codes.ts'
import { type ConfigOfAny, type Definition, schemaFamily } from './definition.ts'
import { type LayerConfig, layerDefinition } from './layers/all-layers.ts'
import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'
import { type OptimizerConfig, optimizerPenalty } from './optimizers/all-optimizers.ts'

/** A column of features before any row was read: what all its rows are, if that is known, and what becomes of them. */
export type SolvedFeature = { name: string; constant?: number; transform: 'keep' | 'scaled' | 'oneHot' }

/** What is known of a job before it is solved. `l1`, `penalty`: factors of the sums of absolute values and squares of the weights. */
export type SolverTask = {
  loss: LossType
  layers: readonly { config: LayerConfig; inputShape: readonly number[] }[]
  l1: number
  penalty: number
  trainingRows: number
  features: readonly SolvedFeature[]
}

type Solver<Options extends TProperties = TProperties> = Definition<Options> & {
  /** The L2 penalty that it is given, if it is given one. */
  penalty?(options: Static<TObject<Options>>): number | undefined
  /** Why it has no answer to a job, as far as is known beforehand. */
  errors(task: SolverTask): ValidationError[]
}

/** Columns of the matrix that is factored: the work grows with their square, and blocks of rows must fit into memory. */
const maxColumns = 2048

/** Losses that are a share of (ŷ − y)². */
export const squaredLosses = (Object.keys(lossCatalog) as LossType[]).filter((type) => {
  const loss: Loss = lossCatalog[type]
  return loss.shareOfSquare !== undefined
})

const leastSquares = defineSolver({
  type: 'leastSquares',
  summary:
    'The weights of one dense layer without activation that minimize a squared loss, by QR of all rows in float64, with standard errors and R²; weight decay is a ridge.',
  source: 'statsmodels.regression.linear_model.OLS',
  options: {
    weightDecay: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e12,
        description: "L2 penalty of weights and bias, as in training; left out, the optimizer's (adamw's, which is none, does not count).",
      }),
    ),
  },
  penalty: ({ weightDecay }) => weightDecay,
  errors: (task) => {
    const { layers, loss, l1, penalty } = task
    const [layer] = layers
    const map = layer && layerDefinition(layer.config).linearMap?.(layer.config)
    const errors: ValidationError[] = []
    if (layers.length !== 1 || !map?.isAffine || layer?.inputShape.length !== 1)
      errors.push(solverError('leastSquares needs a model of one dense layer with the linear activation on one flat axis'))
    if (!squaredLosses.some((type) => type === loss))
      errors.push(solverError(`leastSquares minimizes ${squaredLosses.join(' or ')}; the loss is ${loss}`))
    if (l1 > 0)
      errors.push({ path: '/regularization/l1', code: 'range', message: 'must be 0 with a solver: an L1 penalty has no closed form' })
    const unknowns = (layer?.inputShape[0] ?? 0) + (map?.bias ? 1 : 0)
    const columns = unknowns + (map?.units ?? 0)
    if (columns > maxColumns)
      errors.push(solverError(`${columns} features and outputs are more than the ${maxColumns} that can be solved for`, 'too_large'))
    return errors.length > 0 || !map || penalty > 0 ? errors : dependenceErrors(unknowns, map.bias, task)
  },
})

export const solverCatalog = { leastSquares }

export type SolverConfig = ConfigOfAny<typeof solverCatalog>

export const solverFamily = schemaFamily('Solver', solverCatalog, {
  description:
    'Solves for the weights in one epoch of one step instead of training. `optimizer` and `training` may then be left out; of what is given, weightDecay, validationSplit and seed still count.',
})

/** Why a solver has no answer to a job, as far as is known before any row was read. */
export const solverErrors = (config: SolverConfig, task: SolverTask): ValidationError[] => solverOf(config).errors(task)

/** The L2 penalty that a closed form takes on: the solver's own, else the optimizer's. */
export const penaltyOf = ({ solver, optimizer }: { solver?: SolverConfig; optimizer: OptimizerConfig }): number =>
  (solver && solverOf(solver).penalty?.(solver)) ?? optimizerPenalty(optimizer)

/** How much of (ŷ − y)² a loss is. @throws Error of a loss that is not squared, which planning refuses */
export const shareOfSquare = (type: LossType): number => {
  const loss: Loss = lossCatalog[type]
  if (loss.shareOfSquare === undefined) throw new Error(`${type} is no squared loss`)
  return loss.shareOfSquare
}

/**
 * The ridge that has the same minimum as training with weight decay: descent stops where the loss's gradient and
 * weightDecay · w cancel. The loss's gradient is c · Xᵀ(Xw − y), c being twice the share of the square that the loss is,
 * over the number of values if the loss is a mean.
 */
export const ridgeOfWeightDecay = (
  weightDecay: number,
  { type, reduction }: { type: LossType; reduction: string },
  values: number,
): number => (weightDecay / (2 * shareOfSquare(type))) * (reduction === 'sum' ? 1 : values)

/** Names the types of a solver's options. */
function defineSolver<const Options extends TProperties, const Type extends string>(
  solver: Solver<Options> & { type: Type },
): Solver<Options> & { type: Type } {
  return solver
}

const solverOf = ({ type }: SolverConfig): Solver => solverCatalog[type]

const solverError = (message: string, code = 'range'): ValidationError => ({ path: '/solver/type', code, message })

/** Features that are known to depend on each other before a row was read; a weight decay would decide between the solutions. */
const dependenceErrors = (unknowns: number, bias: boolean, { trainingRows, features }: SolverTask): ValidationError[] => {
  if (trainingRows < unknowns)
    return [
      solverError(
        `${unknowns} weights per output need at least as many training rows; there are ${trainingRows}: give a weightDecay, or fewer features`,
      ),
    ]
  // The inputs of one category each add up to 1 in every row, as the bias's do.
  const categories = features.filter(({ transform }) => transform === 'oneHot').length
  if (categories + (bias ? 1 : 0) > 1)
    return [
      solverError(
        `one-hot features add up to 1 in every row, as ${categories > 1 ? 'others do' : 'the bias does'}: give a weightDecay, or leave the bias out`,
      ),
    ]
  return features.flatMap(({ name, constant, transform }): ValidationError[] => {
    if (constant === undefined || transform === 'oneHot' || !(bias || constant === 0 || transform === 'scaled')) return []
    return [{ ...solverError(`column "${name}" holds nothing but ${constant}, so that no single weight is best`), column: name }]
  })
}
