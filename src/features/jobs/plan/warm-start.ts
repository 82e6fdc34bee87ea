/** Starting a job from the weights of another: it is born with a checkpoint at epoch 0. */
import { sizeOf } from '../../../contracts/catalog/layers/layer.ts'
import type { EngineState, NamedTensor } from '../../../contracts/engine.ts'
import type { Plan } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** A tensor that the new model needs; running statistics may be missing, and then start afresh. */
type Needed = { name: string; shape: number[]; fresh?: Float32Array }

const neededBy = ({ layers }: Plan): Needed[] =>
  layers.flatMap(({ index, parameters, buffers }) => [
    ...parameters.map(({ name, shape }) => ({ name, shape })),
    ...buffers.map(({ name, shape, initial }) => ({
      name: `layers.${index}.${name}`,
      shape,
      fresh: new Float32Array(sizeOf(shape)).fill(initial),
    })),
  ])

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** The checkpoint that a job starts from, or what of the other job's weights does not fit. The config's own initial weights come first. */
export const warmStart = (plan: Plan, weights: readonly NamedTensor[]): { state: EngineState } | { faults: Fault[] } => {
  const given = new Map(weights.map((tensor) => [tensor.name, tensor]))
  const faults: Fault[] = []
  const fault = (message: string): void => {
    faults.push({ path: '/warmStart/jobId', code: 'shape_mismatch', message })
  }
  const tensors = neededBy(plan).flatMap(({ name, shape, fresh }): NamedTensor[] => {
    const own = plan.config.model.initialWeights?.[name]
    if (own) return [{ name, shape, values: Float32Array.from(own.values) }]
    const found = given.get(name)
    if (found && shown(found.shape) === shown(shape)) return [found]
    if (found) fault(`this model's ${name} has shape ${shown(shape)}; the other job's has ${shown(found.shape)}`)
    else if (fresh) return [{ name, shape, values: fresh }]
    else fault(`the other job's model has no ${name}`)
    return []
  })
  return faults.length > 0 ? { faults } : { state: { epoch: 0, step: 0, tensors, memo: {} } }
}
