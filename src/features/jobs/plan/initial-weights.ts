import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import { pointer } from '../../../validation/validation-errors.ts'

type Weights = Record<string, { shape: number[]; values: number[] }>

/** Initial weights that name no tensor of the model, or one of another shape. */
export const initialWeightErrors = (weights: Weights, layers: readonly LayerPlan[]): ValidationError[] => {
  const shapes = new Map(
    layers.flatMap((layer) => [
      ...layer.parameters.map(({ name, shape }) => [name, { shape, layer }] as const),
      ...layer.buffers.map(({ name, shape }) => [`layers.${layer.index}.${name}`, { shape, layer }] as const),
    ]),
  )
  return Object.entries(weights).flatMap(([name, { shape, values }]): ValidationError[] => {
    const path = pointer('model', 'initialWeights', name)
    const known = shapes.get(name)
    if (!known) {
      const names = [...shapes.keys()].slice(0, 20).join(', ')
      return [{ path, code: 'unknown_parameter', message: `the model has no parameter "${name}"; it has ${names}` }]
    }
    if (describeShape(known.shape) !== describeShape(shape)) {
      const { index, config, inputShape } = known.layer
      const message = `${name} of layer ${index} (${config.type}), whose input is ${describeShape(inputShape)}, expects shape ${describeShape(known.shape)}; got ${describeShape(shape)}`
      return [{ path: `${path}/shape`, code: 'shape_mismatch', message, value: shape }]
    }
    if (values.length === sizeOf(shape)) return []
    return [
      {
        path: `${path}/values`,
        code: 'shape_mismatch',
        message: `shape ${describeShape(shape)} expects ${sizeOf(shape)} values; got ${values.length}`,
      },
    ]
  })
}
