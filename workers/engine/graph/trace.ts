/**
 * Records what a pure function over tensors executes. The function runs once on real tensors of the right shapes; every
 * operation passes tfjs-node's binding, where it is written down with its attributes and the ids of its tensors.
 */

import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { must } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import type { Binding, BindingTensor, NativeBackend, OpAttribute } from '../backends/native/binding.ts'
import type { NativeTensorFlow } from '../backends/native/load.ts'
import { types } from './graph-def.ts'

/** A tensor of the trace: an operation's output, an input, or a constant. `type` is TensorFlow's number. */
export type TracedTensor = { id: number; shape: readonly number[]; type: number }

/** Values that the function brought along; read while the tensor is alive. */
export type TracedConstant = TracedTensor & { values: Float32Array | Int32Array | Uint8Array }

export type TracedOperation = { op: string; attributes: readonly OpAttribute[]; inputs: number[]; outputs: TracedTensor[] }

/** A function as a list of operations over the ids of its inputs, of constants and of earlier outputs. */
export type Trace = {
  operations: TracedOperation[]
  inputs: TracedTensor[]
  constants: Map<number, TracedConstant>
  /** By position in what the function returned. */
  outputs: TracedTensor[]
}

/** The function does something that a graph cannot: the job runs eagerly instead. */
export class UntraceableError extends Error {}

const typeOf: Record<string, number> = { float32: types.float32, int32: types.int32, bool: types.bool }

type Recording = { operations: TracedOperation[]; constants: Map<number, TracedConstant>; produced: Set<number>; doomed: number[] }

/**
 * Traces `compute` over inputs of the given shapes, filled with zeros.
 * @param compute pure: its result depends on its inputs alone, and it reads no tensor's values
 * @throws UntraceableError
 */
export const trace = (
  { tf, backend }: NativeTensorFlow,
  inputs: readonly { shape: readonly number[]; dtype: 'float32' | 'int32' }[],
  compute: (inputs: Tensor[]) => readonly Tensor[],
): Trace => {
  const operations: TracedOperation[] = []
  const constants = new Map<number, TracedConstant>()
  const produced = new Set<number>()
  const doomed: number[] = []
  const binding = backend.binding
  const getInputTensorIds = backend.getInputTensorIds
  const made: Tensor[] = []
  tf.engine().startScope()
  const restore = () => {
    backend.binding = binding
    backend.getInputTensorIds = getInputTensorIds
  }
  try {
    const tensors = inputs.map(({ shape, dtype }) => tf.zeros([...shape], dtype))
    made.push(...tensors)
    const tracedInputs = tensors.map((tensor) => tracedTensor(backend, tensor))
    for (const { id } of tracedInputs) produced.add(id)
    backend.binding = recordingBinding(binding, { operations, constants, produced, doomed })
    // A tensor made before the trace is a constant too: its values are read where it is first used.
    backend.getInputTensorIds = (infos) => {
      const ids = getInputTensorIds.call(backend, infos)
      infos.forEach((info, position) => {
        const id = must(ids, position)
        if (!produced.has(id) && !constants.has(id))
          constants.set(id, { id, shape: [...info.shape], type: typeOf[info.dtype] ?? 0, values: binding.tensorDataSync(id) })
      })
      return ids
    }
    const results = compute(tensors)
    made.push(...results)
    const outputs = results.map((tensor) => tracedTensor(backend, tensor))
    return { operations: foldConstants(binding, operations, constants), inputs: tracedInputs, constants, outputs }
  } finally {
    restore()
    tf.engine().endScope()
    // What the function kept for its caller outlives the scope.
    for (const tensor of made) if (!tensor.isDisposed) tensor.dispose()
    for (const id of doomed) binding.deleteTensor(id)
  }
}

const largestFolded = 65_536

/** Operations over constants alone ran already: their results become constants. */
const foldConstants = (
  binding: Binding,
  operations: readonly TracedOperation[],
  constants: Map<number, TracedConstant>,
): TracedOperation[] =>
  operations.filter(({ inputs, outputs }) => {
    const foldable = inputs.every((id) => constants.has(id)) && outputs.every(({ shape }) => sizeOf(shape) <= largestFolded)
    if (!foldable) return true
    for (const output of outputs) constants.set(output.id, { ...output, values: binding.tensorDataSync(output.id) })
    return false
  })

const tracedTensor = (backend: NativeBackend, tensor: TensorInfo): TracedTensor => {
  const type = typeOf[tensor.dtype]
  if (type === undefined) throw new UntraceableError(`a tensor of type ${tensor.dtype} cannot be traced`)
  const [id] = backend.getInputTensorIds([tensor]) as [number]
  return { id, shape: tensor.shape, type }
}

/** Eager TensorFlow finds out a missing type by itself, a graph does not; tfjs-node leaves it out in one place. */
const complete = (
  binding: Binding,
  op: string,
  attributes: readonly OpAttribute[],
  outputs: readonly BindingTensor[],
): readonly OpAttribute[] =>
  op === 'ExpandDims' && attributes.length === 0 ? [{ name: 'T', type: binding.TF_ATTR_TYPE, value: outputs[0]?.dtype }] : attributes

/** A binding that executes and writes down, and keeps all tensors until the trace is done. */
const recordingBinding = (binding: Binding, { operations, constants, produced, doomed }: Recording): Binding => {
  // The binding's own properties cannot be written: a copy's can.
  const recording = Object.fromEntries(Object.getOwnPropertyNames(binding).map((name) => [name, binding[name as keyof Binding]])) as Binding
  recording.createTensor = (shape, type, values) => {
    const id = binding.createTensor(shape, type, values)
    constants.set(id, { id, shape: [...shape], type, values: values as TracedConstant['values'] })
    return id
  }
  recording.deleteTensor = (id) => {
    doomed.push(id)
  }
  recording.executeOp = (op, attributes, inputs, count) => {
    const outputs = binding.executeOp(op, attributes, inputs, count)
    for (const { id } of outputs) produced.add(id)
    operations.push({
      op,
      attributes: complete(binding, op, attributes, outputs),
      inputs: [...inputs],
      outputs: outputs.map(({ id, shape, dtype }) => ({ id, shape: [...shape], type: dtype })),
    })
    return outputs
  }
  recording.tensorDataSync = () => {
    throw new UntraceableError('the step reads a tensor in the middle of its computation')
  }
  return recording
}
