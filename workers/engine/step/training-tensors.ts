/** The tensors that training changes, from and to the named values of a checkpoint. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Tensor, Tensors } from '../../../src/catalog/ops.ts'
import { optimizerSlots } from '../../../src/catalog/optimizers/all-optimizers.ts'
import type { EngineState, NamedTensor } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { initialBuffers, initialParameters } from './initial-tensors.ts'
import type { TrainingTensors } from './step.ts'

type Tf = typeof TensorFlow

/** A tensor of the backend from named values. */
export const toTensor = (tf: Tf, { shape, values }: NamedTensor): Tensor => tf.tensor(values, shape, 'float32')

/** A copy of a tensor's values, under its name. */
export const readTensor = (name: string, tensor: Tensor): NamedTensor => ({
  name,
  shape: [...tensor.shape],
  values: Float32Array.from(own(tensor).dataSync()),
})

/** Copies of the tensors, in the order of the map. */
export const readTensors = (tensors: Tensors, prefix = ''): NamedTensor[] =>
  Object.entries(tensors).map(([name, tensor]) => readTensor(prefix + name, tensor))

export const dispose = (tf: Tf, ...tensors: (Tensors | Tensor[] | undefined)[]): void => tf.dispose(tensors as TensorFlow.TensorContainer)

/** The tensors that a job starts with or that a checkpoint holds. */
export const openTrainingTensors = (tf: Tf, plan: Plan, state: EngineState | undefined): TrainingTensors => {
  const saved = new Map(state?.tensors.map((tensor) => [tensor.name, tensor]))
  const load = (first: NamedTensor): Tensor => toTensor(tf, saved.get(first.name) ?? first)
  const loadAll = (tensors: NamedTensor[]): Tensors => Object.fromEntries(tensors.map((tensor) => [tensor.name, load(tensor)]))
  const firstSlots = Object.entries(optimizerSlots(plan.config.optimizer))
  const slotsOf = ({ name, shape }: NamedTensor): Tensors =>
    Object.fromEntries(
      firstSlots.map(([slot, first]) => {
        const fresh = saved.get(slotName(name, slot))
        return [slot, fresh ? toTensor(tf, fresh) : tf.fill(shape, first)]
      }),
    )
  const parameters = state ? plan.parameters.flatMap(({ name }) => saved.get(name) ?? []) : initialParameters(plan)
  return {
    parameters: loadAll(parameters),
    slots: Object.fromEntries(parameters.map((parameter) => [parameter.name, slotsOf(parameter)])),
    buffers: loadAll(initialBuffers(plan)),
  }
}

/** Everything of them that a checkpoint must hold. */
export const readTrainingTensors = ({ parameters, slots, buffers }: TrainingTensors): NamedTensor[] => [
  ...readTensors(parameters),
  ...Object.entries(slots).flatMap(([name, ofParameter]) => readTensors(ofParameter, slotName(name, ''))),
  ...readTensors(buffers),
]

const own = (tensor: Tensor): TensorFlow.Tensor => tensor as TensorFlow.Tensor

/** Name of an optimizer slot in a checkpoint. */
const slotName = (parameter: string, slot: string): string => `${parameter}/${slot}`
