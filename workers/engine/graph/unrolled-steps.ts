/** How many steps a round of a loop makes, where the loop would cost as much as the steps. */
import type { Plan } from '../../../src/contracts/plan.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { droppingLayers } from '../step/masks.ts'

/** Multiply-adds of a step up to which the loop's own operations matter. */
const smallStep = 20_000
/** Layers of a model whose steps are worth being written several times. */
const fewLayers = 2
/** Full batches of an epoch from which on that pays. */
const manyBatches = 32
/** Steps of a round, the first that divides an epoch, or else the last. */
const sizes = [10, 8, 12, 9, 7, 8]

/** Steps of a round; 1 if rounds are no use. It follows from the config and the rows alone. */
export const unrolledSteps = (plan: Plan, fullBatches: number): number => {
  const { layers, config } = plan
  const perRow = layers.reduce((sum, { parameters }) => sum + parameters.reduce((size, { shape }) => size + sizeOf(shape), 0), 0)
  const isSmall = layers.length <= fewLayers && perRow * config.training.batchSize <= smallStep
  if (!isSmall || fullBatches < manyBatches || droppingLayers(plan).length > 0) return 1
  return sizes.find((size) => fullBatches % size === 0) ?? 8
}
