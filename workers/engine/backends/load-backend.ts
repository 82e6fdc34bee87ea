import { createRequire } from 'node:module'
import path from 'node:path'
import process from 'node:process'
import * as tf from '@tensorflow/tfjs-core'
// The core alone knows no gradient: this registers them all, and its layers are not used.
import '@tensorflow/tfjs-layers'
import { overrideConv2dGradient } from '../ops/conv2d-gradient.ts'
import { cutLongProducts } from '../ops/long-products.ts'
import { overrideMatMulGradient } from '../ops/matmul-gradient.ts'
import type { BackendName } from './backends.ts'
import { loadNative, type NativeTensorFlow } from './native/load.ts'
import { replaceWasmKernels } from './wasm/kernels.ts'

/** TensorFlow.js with one backend active: there is one per process. */
export type LoadedBackend = {
  tf: typeof tf
  name: BackendName
  device: 'cpu' | 'gpu'
  /** Of native TensorFlow, or of TensorFlow.js. */
  version: string
  /** The native binding, if there is one. */
  native: NativeTensorFlow | null
  /** Tensors that the backend holds, to be counted in tests for leaks. */
  countTensors: () => number
}

const fatalEvents = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Loads one backend into this process. Give each process one: a process can be aborted by its native library.
 * @throws Error if it does not load
 */
export const loadBackend = async (name: BackendName): Promise<LoadedBackend> => {
  // Silences advice to install native bindings, and checks of every value for NaN.
  tf.enableProdMode()
  if (name === 'tensorflow-gpu' || name === 'tensorflow') {
    const native = await loadNative(name)
    const countTensors = () => native.backend.binding.getNumOfTensors()
    return { tf, name, device: native.device, version: native.version, native, countTensors }
  }
  await (name === 'wasm' ? loadWasm() : loadPlain())
  return { tf, name, device: 'cpu', version: tf.version_core, native: null, countTensors: () => tf.memory().numTensors }
}

const activate = async (name: string): Promise<void> => {
  if (!(await tf.setBackend(name))) throw new Error(`the ${name} backend of TensorFlow.js does not start`)
  await tf.ready()
}

/** Loading WebAssembly's module adds handlers for fatal errors that print its whole source: leave the process as it was. */
const keepingErrorHandlers = async (load: () => Promise<void>): Promise<void> => {
  const before = fatalEvents.map((event) => new Set(process.listeners(event as 'uncaughtException')))
  await load()
  for (const [at, event] of fatalEvents.entries())
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (!before[at]?.has(listener)) process.removeListener(event, listener)
}

const loadWasm = async (): Promise<void> => {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${path.dirname(main)}${path.sep}`)
  await keepingErrorHandlers(() => activate('wasm'))
  overrideMatMulGradient(tf)
  overrideConv2dGradient(tf)
  replaceWasmKernels(tf)
  cutLongProducts(tf, 'wasm')
}

const loadPlain = async (): Promise<void> => {
  await import('@tensorflow/tfjs-backend-cpu')
  await activate('cpu')
  cutLongProducts(tf, 'cpu')
}
