/** What is wrong with a request to sample an initializer, beyond its schema. */
import type { SampleRequest } from '../calls.ts'
import type { Fault } from '../problems.ts'
import { sizeOf } from './initializer.ts'
import { type InitializerConfig, optionConflict, shapeExpectedBy } from './initializers.ts'

/** Values that one answer holds at most. */
export const sampledValues = 1_000_000

/** Everything wrong with a request to sample an initializer; empty where nothing is. */
export const samplingFaults = ({ initializer, shape }: SampleRequest): Fault[] => {
  const size = sizeOf(shape)
  const described = `[${shape.join(', ')}]`
  if (size < 1 || size > sampledValues) {
    return [{ path: '/shape', code: 'range', message: `must hold 1 to ${sampledValues} values, ${described} holds ${size}` }]
  }
  const config = initializer as InitializerConfig
  const expected = shapeExpectedBy(config, shape)
  const shapeFaults: Fault[] = expected
    ? [{ path: '/shape', code: 'shape_mismatch', message: `must have ${expected}, got ${described}` }]
    : []
  return [...shapeFaults, ...conflictFaults(config, '/options')]
}

/** Options of an initializer that do not go together; `at` is where they lie. */
export const conflictFaults = (config: InitializerConfig, at: string): Fault[] => {
  const conflict = optionConflict(config)
  if (!conflict) return []
  return [{ path: `${at}/${conflict.option}`, code: 'range', message: `must be ${conflict.expected}`, value: conflict.value }]
}
