import type { EngineState, NamedTensor, RecordedTensor } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { normOf } from '../../../src/numerics/statistics.ts'

/** Names of parameters and running statistics: what a model is made of. */
export const modelNames = (plan: Plan): Set<string> =>
  new Set(
    plan.layers.flatMap(({ index, parameters, buffers }) =>
      [...parameters, ...buffers.map(({ name }) => ({ name: `layers.${index}.${name}` }))].map(({ name }) => name),
    ),
  )

export const asRecorded = ({ name, shape, values }: NamedTensor): RecordedTensor => ({ name, shape, values, norm: normOf(values) })

/** The model out of a checkpoint, as an epoch records it. */
export const modelTensors = (plan: Plan, { tensors }: EngineState): RecordedTensor[] => {
  const names = modelNames(plan)
  return tensors.filter(({ name }) => names.has(name)).map(asRecorded)
}
