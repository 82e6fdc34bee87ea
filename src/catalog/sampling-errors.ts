/** What is wrong with a request to sample an initializer, beyond its schema. */

import type { ValidationError } from '../contracts/error-codes.ts'
import type { SampleRequest } from '../contracts/inference.ts'
import { describeShape, sizeOf } from '../numerics/shape.ts'
import { type InitializerConfig, optionConflict, shapeExpectedBy } from './initializers.ts'
import { conflictErrors } from './option-conflict.ts'

/** Values that one answer holds at most. */
export const sampledValues = 1_000_000

/** Everything wrong with a request to sample an initializer; empty if nothing is. */
export const samplingErrors = ({ initializer, shape }: SampleRequest): ValidationError[] => {
  const size = sizeOf(shape)
  const described = describeShape(shape)
  if (size < 1 || size > sampledValues) {
    return [{ path: '/shape', code: 'range', message: `must hold 1 to ${sampledValues} values, ${described} holds ${size}` }]
  }
  const config = initializer as InitializerConfig
  const expected = shapeExpectedBy(config, shape)
  const shapeErrors: ValidationError[] = expected
    ? [{ path: '/shape', code: 'shape_mismatch', message: `must have ${expected}, got ${described}` }]
    : []
  return [...shapeErrors, ...conflictErrors(optionConflict(config), '/options')]
}
