/** A job's own preprocessing as the first layer of its model. */
import type { Plan } from '../../../contracts/plan.ts'
import type { LearnedStatistics } from '../../../contracts/training-state.ts'
import { toBytes, type WeightTensor } from '../weight-tensor.ts'
import { Inexpressible, type KerasLayer } from './keras-layer.ts'
import { seenAs } from './norms.ts'

type Prepared = { layers: KerasLayer[]; weights: WeightTensor[] }

/**
 * Scaling is a normalization by statistics that stay: (x - center) / sqrt(width²). Nothing if nothing is prepared.
 * @throws Inexpressible for one-hot columns and filled cells, and for two groups of features, which one input cannot tell apart
 */
export const preprocessingLayer = ({ data: { transforms, inputShape } }: Plan, learned: LearnedStatistics | undefined): Prepared => {
  if (!transforms || !learned) return { layers: [], weights: [] }
  if (transforms.flat().some(({ kind }) => kind === 'oneHot')) throw new Inexpressible('one-hot columns')
  if (learned.fills) throw new Inexpressible('what fills missing cells')
  const [means = [], more] = learned.means
  if (more) throw new Inexpressible('scaled columns of two groups of features')
  return normalization('preprocessing', { centers: means, widths: learned.stds[0] ?? [] }, inputShape)
}

/** Outputs of a model of standardized labels, in the units of the labels: y · std + mean is a normalization too. */
export const labelLayer = ({ outputShape }: Plan, learned: LearnedStatistics | undefined): Prepared => {
  const { means, stds } = learned?.labels ?? { means: [], stds: [] }
  if (means.length === 0) return { layers: [], weights: [] }
  const centers = means.map((mean, at) => -mean / (stds[at] ?? 1))
  return normalization('labels', { centers, widths: stds.map((std) => 1 / std) }, outputShape)
}

/** (x - center) / width of each value of an example. */
const normalization = (name: string, { centers, widths }: { centers: number[]; widths: number[] }, shape: readonly number[]): Prepared => {
  const variances = widths.map((width) => width * width)
  const weights = [constant(`${name}.mean`, centers), constant(`${name}.variance`, variances)]
  const layer: KerasLayer = {
    className: 'BatchNormalization',
    name,
    config: { axis: -1, epsilon: 0, center: false, scale: false, trainable: false },
    weights: [
      { name: 'moving_mean', from: `${name}.mean`, shape: [centers.length] },
      { name: 'moving_variance', from: `${name}.variance`, shape: [centers.length] },
    ],
  }
  // Columns have statistics of their own, whatever image they make up.
  return { layers: seenAs(layer, shape, shape.length > 1 ? [centers.length] : shape), weights }
}

const constant = (name: string, values: readonly number[]): WeightTensor => ({
  name,
  shape: [values.length],
  dtype: 'F32',
  norm: Math.hypot(...values),
  read: async () => toBytes(Float32Array.from(values)),
})
