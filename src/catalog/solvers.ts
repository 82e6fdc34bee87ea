/** Ways to find weights without stepping through epochs. */
import { Type } from 'typebox'
import type { ConfigOfAny, Definition } from './definition.ts'
import type { OptimizerConfig } from './optimizers/all-optimizers.ts'

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

/**
 * The L2 penalty that a closed form takes on. AdamW's decay is not one: where its steps end also depends on the
 * learning rate, and not on the loss alone.
 */
export const penaltyOf = ({ solver, optimizer }: { solver?: SolverConfig; optimizer: OptimizerConfig }): number =>
  solver?.weightDecay ?? (optimizer.type === 'adamw' ? 0 : optimizer.weightDecay)

/** Losses whose minimum a solver finds. */
export const squaredLosses = ['mse', 'halfSquared'] as const
export type SquaredLoss = (typeof squaredLosses)[number]

/**
 * The ridge that has the same minimum as training with weight decay: descent stops where the loss's gradient and
 * weightDecay · w cancel. The loss's gradient is c · Xᵀ(Xw − y), c being 2 for mse and 1 for halfSquared, over the
 * number of values where the loss is a mean.
 */
export const ridgeOfWeightDecay = (
  weightDecay: number,
  { type, reduction }: { type: SquaredLoss; reduction: string },
  values: number,
): number => {
  const factor = type === 'mse' ? 2 : 1
  return (weightDecay / factor) * (reduction === 'sum' ? 1 : values)
}
