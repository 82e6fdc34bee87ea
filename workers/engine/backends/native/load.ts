/** Loads native TensorFlow into this process. A bad library aborts the process: `probe.ts` asks in a child first. */
import { createRequire, Module } from 'node:module'
import path from 'node:path'
import process from 'node:process'
import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import type { NativeBackend } from './binding.ts'
import { nativeEnvironment } from './environment.ts'
import { candidatesFor, type NativeBackendName, type NativeCandidate } from './locate.ts'
import { splitLongSums } from './long-sums.ts'
import { restoreRemovedUtilities } from './polyfill.ts'

/** Native TensorFlow, loaded: `tf` is the one tfjs-core of this process, with backend `tensorflow` active. */
export type NativeTensorFlow = {
  tf: typeof tf
  backend: NativeBackend
  name: NativeBackendName
  device: 'cpu' | 'gpu'
  /** Of the TensorFlow library, e.g. `2.21.0`. */
  version: string
  candidate: NativeCandidate
}

export type LoadOptions = {
  /** Where to load from instead of searching. */
  candidates?: NativeCandidate[]
}

/**
 * Loads the first package that gives backend `name` and makes it tfjs-core's active backend.
 * @throws Error when nothing is installed, nothing loads, or `tensorflow-gpu` finds no CUDA device.
 */
export const loadNative = async (name: NativeBackendName, options: LoadOptions = {}): Promise<NativeTensorFlow> => {
  const candidates = options.candidates ?? candidatesFor(name)
  if (candidates.length === 0) throw new Error(`no native TensorFlow for ${name} is installed: npm run tensorflow:install`)
  const [candidate] = candidates as [NativeCandidate, ...NativeCandidate[]]
  const backend = requirePackage(name, candidate)
  if (!backend) throw new Error(`${candidate.directory} uses another copy of @tensorflow/tfjs-core: npm run tensorflow:install`)
  if (name === 'tensorflow-gpu' && !backend.isUsingGpuDevice) throw new Error('TensorFlow sees no CUDA device')
  await tf.setBackend('tensorflow')
  await tf.ready()
  splitLongSums(tf)
  return { tf, backend, name, device: backend.isUsingGpuDevice ? 'gpu' : 'cpu', version: backend.binding.TF_Version, candidate }
}

/** Has a package find these exports where it would load another, of which it needs no more: a third of what TensorFlow takes to load. */
const standIn = (require: NodeJS.Require, name: string, exports: object): void => {
  const id = require.resolve(name)
  require.cache[id] ??= Object.assign(new Module(id), { filename: id, loaded: true, exports })
}

const requirePackage = (name: NativeBackendName, candidate: NativeCandidate): NativeBackend => {
  restoreRemovedUtilities()
  // biome-ignore lint/style/noProcessEnv: TensorFlow's own C++ reads these; a value that the person set stays.
  const environment = process.env
  Object.assign(environment, { ...nativeEnvironment(candidate.package), ...environment })
  // The GPU package as well is TensorFlow on the CPU if that was asked for.
  if (name === 'tensorflow') environment.CUDA_VISIBLE_DEVICES = '-1'
  const require = createRequire(path.join(candidate.directory, 'package.json'))
  standIn(require, '@tensorflow/tfjs', { ...tf, ...layers })
  require(candidate.directory)
  return tf.findBackend('tensorflow') as NativeBackend
}
