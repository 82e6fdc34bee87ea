/** Weights that let each class count alike, however many rows it has. */
import { lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import type { Loss } from '../../../src/catalog/losses/loss.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf, present } from '../../../src/numerics/must.ts'

/**
 * The weight of each class, n / (k · count) over the n labels and the k classes that occur, as scikit-learn's `balanced`; 1 for
 * a class that does not. Undefined if the job does not ask for it.
 */
export const balancedWeights = ({ config: { loss }, outputShape }: Plan, labels: Float32Array): number[] | undefined => {
  const { classWeights }: Loss = lossCatalog[loss.type]
  if (!classWeights || !isBalanced(loss)) return undefined
  const counts = new Float64Array(classWeights.count(lastOf(outputShape)))
  const ignored = 'ignoreIndex' in loss ? loss.ignoreIndex : undefined
  for (const label of labels) if (label !== ignored && label >= 0 && label < counts.length) counts[label] = present(counts[label]) + 1
  const total = counts.reduce((sum, count) => sum + count, 0)
  const occurring = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  return Array.from(counts, (count) => (count === 0 ? 1 : total / (occurring * count)))
}

/** The plan of a loss in which each class has its weight. */
export const withClassWeights = (plan: Plan, weights: readonly number[] | undefined): Plan => {
  const { classWeights }: Loss = lossCatalog[plan.config.loss.type]
  if (!weights || !classWeights) return plan
  return { ...plan, config: { ...plan.config, loss: { ...plan.config.loss, ...classWeights.options(weights) } } }
}

export const isBalanced = (loss: Plan['config']['loss']): boolean => 'classWeights' in loss && loss.classWeights === 'balanced'
