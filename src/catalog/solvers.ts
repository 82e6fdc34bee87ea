/** Ways to find weights without stepping through epochs. */
import { Type } from 'typebox'
import { type ConfigOfAny, type Definition, schemaFamily } from './definition.ts'
import { type LossType, lossCatalog } from './losses/all-losses.ts'
import type { Loss } from './losses/loss.ts'
import { type OptimizerConfig, optimizerPenalty } from './optimizers/all-optimizers.ts'

const leastSquares = {
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
} as const satisfies Definition

export const solverCatalog = { leastSquares }

export type SolverConfig = ConfigOfAny<typeof solverCatalog>

export const solverFamily = schemaFamily('Solver', solverCatalog, {
  description:
    'Solves for the weights in one epoch of one step instead of training. `optimizer` and `training` may then be left out; of what is given, weightDecay, validationSplit and seed still count.',
})

/** The L2 penalty that a closed form takes on: the solver's own, else the optimizer's. */
export const penaltyOf = ({ solver, optimizer }: { solver?: SolverConfig; optimizer: OptimizerConfig }): number =>
  solver?.weightDecay ?? optimizerPenalty(optimizer)

/** Losses whose minimum a solver finds. */
export const squaredLosses = (Object.keys(lossCatalog) as LossType[]).filter((type) => {
  const loss: Loss = lossCatalog[type]
  return loss.shareOfSquare !== undefined
})

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
