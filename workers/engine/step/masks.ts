import type * as TensorFlow from '@tensorflow/tfjs-core'
import { layerDefinition } from '../../../src/catalog/layers/all-layers.ts'
import type { Tensors } from '../../../src/catalog/ops.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createStream } from '../../../src/numerics/random.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'

/** A layer that drops values in training: `values` is their number per row, `p` the share that becomes zero. */
export type DroppingLayer = { index: number; shape: number[]; values: number; p: number }

export const droppingLayers = (plan: Plan): DroppingLayer[] =>
  plan.layers.flatMap(({ index, config, inputShape }) => {
    const p = layerDefinition(config).dropped?.(config)
    return p === undefined ? [] : [{ index, shape: inputShape, values: sizeOf(inputShape), p }]
  })

/** Which masks: `step` counts over the whole job, from 1; `pass` counts those of one step, and a job makes one. */
export type MaskAddress = { step: number; rows: number; pass?: number }

/**
 * What a layer's values are multiplied with at one step: zero with probability p, else 1 / (1 - p). A pure function of
 * seed, layer, step and group, so a job that goes on drops what it would have dropped.
 */
export const maskValues = (
  seed: number,
  { index, values, p }: DroppingLayer,
  { step, group, rows, pass = 1 }: MaskAddress & { group: number },
): Float32Array => {
  const stream = createStream({ seed, purpose: 'dropout', index: pass === 1 ? [index, step, group] : [index, step, group, pass] })
  const kept = p < 1 ? 1 / (1 - p) : 0
  return Float32Array.from(stream.uniforms(rows * values), (uniform) => (uniform < p ? 0 : kept))
}

/** Masks of all dropping layers for each group of features, by `layers.{index}`. */
export const createMasks = (tf: typeof TensorFlow, plan: Plan) => {
  const layers = droppingLayers(plan)
  const groups = plan.data.featureColumns.length
  return ({ rows, ...at }: MaskAddress): Tensors[] =>
    Array.from({ length: layers.length > 0 ? groups : 0 }, (_, group) =>
      Object.fromEntries(
        layers.map((layer) => [
          `layers.${layer.index}`,
          tf.tensor(maskValues(plan.config.training.seed, layer, { ...at, group, rows }), [rows, ...layer.shape], 'float32'),
        ]),
      ),
    )
}
