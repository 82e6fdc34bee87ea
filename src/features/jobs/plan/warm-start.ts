/** Starting a job from the weights of another, or of a trainer: it is born with a checkpoint at epoch 0. */

import type { WarmStart } from '../../../api/job-config/parts.schema.ts'
import type { EngineState, NamedTensor } from '../../../contracts/engine.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { describeShape, sizeOf } from '../../../numerics/shape.ts'
import type { Checked } from '../../../validation/validation-errors.ts'

/** A tensor that the new model needs; running statistics may be missing, and then start afresh. */
type Needed = { name: string; shape: number[]; fresh?: Float32Array }

/** The checkpoint that a job starts from, or what of the other job's weights does not fit. The config's own initial weights come first. */
export const warmStart = (plan: Plan, weights: readonly NamedTensor[], source: WarmStart): Checked<EngineState> => {
  const { path, whose } = 'trainerId' in source ? ofTrainer : ofJob
  const given = new Map(weights.map((tensor) => [tensor.name, tensor]))
  const errors: ValidationError[] = []
  const error = (message: string): void => {
    errors.push({ path, code: 'shape_mismatch', message })
  }
  const tensors = neededBy(plan).flatMap(({ name, shape, fresh }): NamedTensor[] => {
    const own = plan.config.model.initialWeights?.[name]
    if (own) return [{ name, shape, values: Float32Array.from(own.values) }]
    const found = given.get(name)
    if (found && describeShape(found.shape) === describeShape(shape)) return [found]
    if (found) error(`this model's ${name} has shape ${describeShape(shape)}; the ${whose}'s has ${describeShape(found.shape)}`)
    else if (fresh) return [{ name, shape, values: fresh }]
    else error(`the ${whose}'s model has no ${name}`)
    return []
  })
  return errors.length > 0 ? { errors } : { value: { epoch: 0, step: 0, tensors, training: {} } }
}

const ofJob = { path: '/warmStart/jobId', whose: 'other job' }
const ofTrainer = { path: '/warmStart/checkpoint', whose: 'trainer' }

const neededBy = ({ layers }: Plan): Needed[] =>
  layers.flatMap(({ index, parameters, buffers }) => [
    ...parameters.map(({ name, shape }) => ({ name, shape })),
    ...buffers.map(({ name, shape, initial }) => ({
      name: `layers.${index}.${name}`,
      shape,
      fresh: new Float32Array(sizeOf(shape)).fill(initial),
    })),
  ])
