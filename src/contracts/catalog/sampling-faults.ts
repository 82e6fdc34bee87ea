/** What is wrong with a request to sample an initializer, beyond its schema. */
import type { SampleRequest } from '../calls.ts'
import type { Fault } from '../problems.ts'
import { sizeOf } from './initializer.ts'
import { type InitializerConfig, shapeExpectedBy } from './initializers.ts'

/** Values that one answer holds at most. */
export const sampledValues = 1_000_000

/** Everything wrong with a request to sample an initializer; empty where nothing is. */
export const samplingFaults = ({ initializer, shape }: SampleRequest): Fault[] => {
  const size = sizeOf(shape)
  const described = `[${shape.join(', ')}]`
  if (size < 1 || size > sampledValues) {
    return [{ path: '/shape', code: 'range', message: `must hold 1 to ${sampledValues} values, ${described} holds ${size}` }]
  }
  const expected = shapeExpectedBy(initializer as InitializerConfig, shape)
  return expected ? [{ path: '/shape', code: 'shape_mismatch', message: `must have ${expected}, got ${described}` }] : []
}
