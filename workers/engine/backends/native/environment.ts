/**
 * What native TensorFlow reads from its environment, once, when its library is loaded. A fork gets these in its `env`;
 * a process that loads the library itself has them written just before.
 */
import { readdirSync } from 'node:fs'
import type { NativePackage } from './locate.ts'

/** Variables for a process that will load `name`. */
export const nativeEnvironment = (name: NativePackage): Record<string, string> => ({
  TF_CPP_MIN_LOG_LEVEL: '2',
  // Deprecation notes of oneDNN and the like come through a second log that only this silences.
  TF_ENABLE_DEPRECATION_WARNINGS: '0',
  ...(name === 'tfjs-node-gpu' && {
    // TensorFlow takes the whole card unless told otherwise.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Same bits on every run: ADR 0004.
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: '0',
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  }),
})

/**
 * Variables for one of `children` processes that train side by side on `cores` cores. Where every core has a process of its own, TensorFlow
 * runs the operations of a graph on the thread that calls it: a pool would hand each call to another thread and back, and burn CPU
 * waiting for work. No number depends on it.
 */
export const sharedCores = (children: number, cores: number): Record<string, string> =>
  children >= cores ? { TF_NUM_INTEROP_THREADS: '-1' } : {}

/**
 * The CUDA devices that this machine's training processes may use, as CUDA_VISIBLE_DEVICES spells them: those it names
 * (a scheduler gives others the rest), else one for each of the driver's device files, and one if there is none to be seen.
 */
export const cudaDevices = (env: NodeJS.ProcessEnv, devices = '/dev'): string[] => {
  const named = (env.CUDA_VISIBLE_DEVICES ?? '').split(',').flatMap((name) => name.trim() || [])
  if (named.length > 0) return named
  const count = filesIn(devices).filter((name) => /^nvidia\d+$/.test(name)).length
  return Array.from({ length: Math.max(1, count) }, (_, index) => String(index))
}

const filesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
