/** The model of a job config: its layers, and weights to start from. */
import { Type } from 'typebox'
import { objectWithDefaults } from '../../catalog/definition.ts'
import { layerFamily } from '../../catalog/layers/all-layers.ts'
import { ref } from '../../catalog/ref.ts'
import { largestFloat32 } from '../numbers.ts'

/** A tensor of finite numbers, flat and row-major. */
export const initialTensorSchema = Type.Object(
  {
    shape: Type.Array(Type.Integer({ minimum: 1, maximum: 10_000_000 }), { maxItems: 6, description: 'Sizes of the axes.' }),
    values: Type.Array(Type.Number({ minimum: -largestFloat32, maximum: largestFloat32 }), { description: 'Flat values, row-major.' }),
  },
  { $id: 'InitialTensor', additionalProperties: false, description: 'A tensor of finite numbers.' },
)

const initialWeights = Type.Unsafe<Record<string, { shape: number[]; values: number[] }>>({
  type: 'object',
  additionalProperties: ref(initialTensorSchema),
  description: 'Weights to start from, by parameter name, e.g. `layers.0.weight`; dense `[in, out]`, convolutions `[...kernel, in, out]`.',
})

export const modelSchema = objectWithDefaults(
  {
    layers: Type.Array(ref(layerFamily.union), { minItems: 1, maxItems: 1000, description: 'From input to output.' }),
    initialWeights: Type.Optional(initialWeights),
  },
  { $id: 'Model', description: 'Layers in order; the size of the input is inferred from the data.' },
)
