/** What an activation is: a catalog entry with its formula. */
import type { Static, TObject, TProperties } from 'typebox'
import type { Definition } from './definition.ts'
import type { Tensor, TensorOps } from './ops.ts'

export type Activation<Options extends TProperties = TProperties> = Definition<Options> & {
  /** Elementwise, or over the last axis; the shape stays. */
  apply(ops: TensorOps, x: Tensor, options: Static<TObject<Options>>): Tensor
}

/** Names the types of an activation's options. */
export const defineActivation = <const Options extends TProperties, const Type extends string>(
  activation: Activation<Options> & { type: Type },
): Activation<Options> & { type: Type } => activation
