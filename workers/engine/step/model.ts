/** A model's formula: the catalog's layers, one after the other. */

import { layerDefinition } from '../../../src/catalog/layers/all-layers.ts'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { given, type Tensor, type Tensors } from '../../../src/catalog/ops.ts'
import type { Plan } from '../../../src/contracts/plan.ts'

/** One pass through the model; all maps by full name, e.g. `layers.0.weight`. */
export type Pass = {
  /** `[batch, ...inputShape]` */
  input: Tensor
  parameters: Tensors
  buffers: Tensors
  training: boolean
  /** Dropout masks by `layers.{index}`, each of the shape of the layer's input. */
  masks?: Tensors
}

/** The model's output `[batch, ...outputShape]`, and its buffers, updated in training. */
export const forward = (
  ops: LayerOps,
  plan: Plan,
  { input, parameters, buffers, training, masks = {} }: Pass,
): { output: Tensor; buffers: Tensors } => {
  let output = input
  let updated = buffers
  for (const layer of plan.layers) {
    const prefix = `layers.${layer.index}.`
    const answer = layerDefinition(layer.config).forward(ops, {
      options: layer.config,
      input: output,
      parameters: Object.fromEntries(layer.parameters.map(({ name }) => [name.slice(prefix.length), given(parameters, name)])),
      buffers: ofLayer(updated, prefix, layer.buffers),
      training,
      mask: masks[`layers.${layer.index}`],
    })
    output = answer.output
    for (const [name, tensor] of Object.entries(answer.buffers ?? {})) updated = { ...updated, [prefix + name]: tensor }
  }
  return { output, buffers: updated }
}

/** The tensors of one layer by short name. */
const ofLayer = (tensors: Tensors, prefix: string, names: readonly { name: string }[]): Tensors =>
  Object.fromEntries(
    names.flatMap(({ name }) => {
      const tensor = tensors[prefix + name]
      return tensor ? [[name, tensor]] : []
    }),
  )
