/** What kernels over the memory of WebAssembly are made of. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { WasmModule } from './quick-sum.ts'

export type Info = TensorFlow.TensorInfo

/** What of the WebAssembly backend these kernels use. */
export type Memory = {
  makeOutput: (shape: number[], dtype: 'float32') => Info
  typedArrayFromHeap: (info: Info) => Float32Array
  disposeData: (dataId: Info['dataId']) => boolean
  /** The module of WebAssembly itself. */
  wasm: WasmModule
}

export type Call = Parameters<TensorFlow.KernelFunc>[0]

/** A kernel, or undefined if its inputs are none that it takes: the backend's own is called then. It may ask `own` itself. */
export type Kernel = (memory: Memory, call: Call, own: (call: Call) => Info) => Info | undefined

export const inputOf = ({ inputs }: Call, name: string): Info | undefined => (inputs[name]?.dtype === 'float32' ? inputs[name] : undefined)

/** Another tensor of that shape; memory may move as it is made, so nothing is read before. */
export const written = (memory: Memory, shape: readonly number[], write: (into: Float32Array) => void): Info => {
  const output = memory.makeOutput([...shape], 'float32')
  write(memory.typedArrayFromHeap(output))
  return output
}
