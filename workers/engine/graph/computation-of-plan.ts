/** A plan's training step and evaluation, with their tensors in flat lists: what there is to compile. */

import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { trainingLossTotals } from '../../../src/catalog/losses/all-losses.ts'
import { given, type Tensor, type Tensors } from '../../../src/catalog/ops.ts'
import { optimizerSlots } from '../../../src/catalog/optimizers/all-optimizers.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { must } from '../../../src/numerics/must.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import { outputsOf, weightsCheck } from '../step/evaluation.ts'
import { initialBuffers } from '../step/initial-tensors.ts'
import { droppingLayers } from '../step/masks.ts'
import { createStep, type TrainingTensors } from '../step/step.ts'
import type { Computation } from './computation.ts'

/** Names, as checkpoints have them, and first values of the tensors that training changes, in the order of a computation's state. */
export type StateEntry = { name: string; shape: number[]; initial: number | undefined }

/** Parameters, then optimizer slots, then running statistics. */
export const stateEntries = (plan: Plan): StateEntry[] => [
  ...plan.parameters.map(({ name, shape }) => ({ name, shape, initial: undefined })),
  ...plan.parameters.flatMap(({ name, shape }) =>
    Object.entries(optimizerSlots(plan.config.optimizer)).map(([slot, initial]) => ({ name: `${name}/${slot}`, shape, initial })),
  ),
  ...initialBuffers(plan).map(({ name, shape }) => ({ name, shape, initial: undefined })),
]

/** The computation of a plan; results are the parameters' gradients and, last, their norm. */
export const planComputation = ({ tf }: NativeTensorFlow, ops: LayerOps, plan: Plan): Computation => {
  const { pack, unpack } = createPacking(plan)
  const groups = plan.data.featureColumns.length
  const dropping = droppingLayers(plan)
  const step = createStep(tf, ops, plan)
  const names = plan.parameters.map(({ name }) => name)
  const masksOf = (noise: readonly Tensor[]): Tensors[] =>
    Array.from({ length: dropping.length > 0 ? groups : 0 }, (_, group) =>
      Object.fromEntries(dropping.map(({ index }, position) => [`layers.${index}`, must(noise, group * dropping.length + position)])),
    )
  return {
    columns: [...Array.from({ length: groups }, () => plan.data.inputShape), plan.data.labelShape],
    state: stateEntries(plan).map(({ shape }) => shape),
    results: [...plan.parameters.map(({ shape }) => shape), []],
    noise: (rows) => Array.from({ length: groups }, () => dropping.map(({ shape }) => [rows, ...shape])).flat(),
    step: ({ state, rows, learningRate, step: number, noise }) => {
      const [features, labels] = [rows.slice(0, groups), must(rows, groups)]
      const output = step({ ...unpack(state), features, labels, masks: masksOf(noise), step: number, learningRate })
      const gradients = names.map((name) => given(output.gradients, name))
      return { state: own(pack(output)), loss: output.loss as TfTensor, results: own([...gradients, output.gradientNorm]) }
    },
    evaluate: ({ state, rows }) => {
      const tensors = unpack(state)
      const outputs = outputsOf(ops, plan, tensors, rows.slice(0, groups))
      const { total, divisor } = trainingLossTotals(ops, plan.config.loss, outputs, must(rows, groups))
      return own([total, typeof divisor === 'number' ? ops.scalar(divisor) : divisor, weightsCheck(ops, tensors), ...outputs])
    },
  }
}

/** Between a flat list and maps by name. */
const createPacking = (plan: Plan) => {
  const parameters = plan.parameters.map(({ name }) => name)
  const slots = Object.keys(optimizerSlots(plan.config.optimizer))
  const buffers = initialBuffers(plan).map(({ name }) => name)
  const named = (names: readonly string[], tensors: readonly Tensor[]): Tensors =>
    Object.fromEntries(names.map((name, position) => [name, must(tensors, position)]))

  const unpack = (state: readonly Tensor[]): TrainingTensors => {
    const slotsFrom = parameters.length
    const buffersFrom = slotsFrom + parameters.length * slots.length
    return {
      parameters: named(parameters, state),
      slots: Object.fromEntries(parameters.map((name, position) => [name, named(slots, state.slice(slotsFrom + position * slots.length))])),
      buffers: named(buffers, state.slice(buffersFrom)),
    }
  }
  const pack = (tensors: TrainingTensors): Tensor[] => [
    ...parameters.map((name) => given(tensors.parameters, name)),
    ...parameters.flatMap((name) => slots.map((slot) => given(tensors.slots[name] ?? {}, slot))),
    ...buffers.map((name) => given(tensors.buffers, name)),
  ]
  return { pack, unpack }
}

const own = (tensors: readonly Tensor[]): TfTensor[] => tensors as TfTensor[]
