/** Tensors of a trainer as the service has them, and as programs do. */
import type { Tensor } from './files/safetensors.ts'
import type { components } from './types.ts'

/** Numbers in row-major order, one flat list, or a tensor of them. */
export type Values = ArrayLike<number> | { values: ArrayLike<number> }

/** What the service told, by name. */
export const tensorsOf = (sent: readonly components['schemas']['TrainerTensorResult'][] = []): Record<string, Tensor<Float32Array>> =>
  Object.fromEntries(sent.map(({ name, shape, values = [] }) => [name, { shape, values: Float32Array.from(values, Number) }]))

/** What the service is told. */
export const entriesOf = (tensors: Readonly<Record<string, Values>>): components['schemas']['TrainerTensor'][] =>
  Object.entries(tensors).map(([name, values]) => ({ name, values: listOf(values) }))

/** As a plain list, which JSON has. */
export const listOf = (values: Values): number[] => Array.from('length' in values ? values : values.values)
