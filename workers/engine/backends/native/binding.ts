/** The N-API binding inside tfjs-node, and its backend: the parts that the engine uses directly. */
import type { DataId, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core'

/** An attribute of an operation; `type` is one of the binding's `TF_ATTR_*` numbers. */
export type OpAttribute = { name: string; type: number; value: unknown }

/** A tensor as the binding speaks of it; `dtype` is TensorFlow's DataType number. */
export type BindingTensor = { id: number; shape: number[]; dtype: number }

/** @see tfjs-node/src/tfjs_binding.ts */
export type Binding = {
  createTensor: (shape: number[], dtype: number, values: ArrayBufferView) => number
  deleteTensor: (id: number) => void
  tensorDataSync: (id: number) => Float32Array | Int32Array | Uint8Array
  executeOp: (name: string, attributes: OpAttribute[], inputs: number[], outputs: number) => BindingTensor[]
  loadSavedModel: (directory: string, tags: string) => number
  deleteSavedModel: (id: number) => void
  runSavedModel: (id: number, inputs: number[], inputNames: string, outputNames: string) => BindingTensor[]
  getNumOfTensors: () => number
  isUsingGpuDevice: () => boolean
  TF_Version: string
  TF_FLOAT: number
  TF_INT32: number
  TF_INT64: number
  TF_BOOL: number
  TF_ATTR_STRING: number
  TF_ATTR_INT: number
  TF_ATTR_FLOAT: number
  TF_ATTR_BOOL: number
  TF_ATTR_TYPE: number
  TF_ATTR_SHAPE: number
}

/** tfjs-node's backend: a kernel backend whose operations all go through `binding`. */
export type NativeBackend = KernelBackend & {
  binding: Binding
  isUsingGpuDevice: boolean
  tensorMap: { get: (id: DataId) => { id: number; shape: number[]; dtype: number; values: unknown; refCount: number } }
  getInputTensorIds: (tensors: TensorInfo[]) => number[]
  createOutputTensor: (metadata: BindingTensor) => Tensor
  executeSingleOutput: (name: string, attributes: OpAttribute[], inputs: TensorInfo[]) => Tensor
  executeMultipleOutputs: (name: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: number) => Tensor[]
}
