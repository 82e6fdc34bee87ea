/** A job's own preprocessing as the first layer of its model. */
import type { Plan } from '../../../contracts/plan.ts'
import type { LearnedStatistics } from '../../../contracts/training-state.ts'
import { toBytes, type WeightTensor } from '../weight-tensor.ts'
import { Inexpressible, type KerasLayer } from './keras-layer.ts'
import { seenAs } from './norms.ts'

/**
 * Standardizing is a normalization by statistics that stay: (x - mean) / sqrt(std²). Nothing if nothing is prepared.
 * @throws Inexpressible for one-hot columns, and for two groups of features, which one input cannot tell apart
 */
export const preprocessingLayer = (
  { data: { transforms, inputShape } }: Plan,
  learned: LearnedStatistics | undefined,
): { layers: KerasLayer[]; weights: WeightTensor[] } => {
  if (!transforms || !learned) return { layers: [], weights: [] }
  if (transforms.flat().some(({ kind }) => kind === 'oneHot')) throw new Inexpressible('one-hot columns')
  const [means = [], more] = learned.means
  if (more) throw new Inexpressible('standardized columns of two groups of features')
  const variances = (learned.stds[0] ?? []).map((std) => std * std)
  const weights = [constant('preprocessing.mean', means), constant('preprocessing.variance', variances)]
  const layer: KerasLayer = {
    className: 'BatchNormalization',
    name: 'preprocessing',
    config: { axis: -1, epsilon: 0, center: false, scale: false, trainable: false },
    weights: [
      { name: 'moving_mean', from: 'preprocessing.mean', shape: [means.length] },
      { name: 'moving_variance', from: 'preprocessing.variance', shape: [means.length] },
    ],
  }
  // Columns have statistics of their own, whatever image they make up.
  return { layers: seenAs(layer, inputShape, inputShape.length > 1 ? [means.length] : inputShape), weights }
}

const constant = (name: string, values: readonly number[]): WeightTensor => ({
  name,
  shape: [values.length],
  dtype: 'F32',
  norm: Math.hypot(...values),
  read: async () => toBytes(Float32Array.from(values)),
})
