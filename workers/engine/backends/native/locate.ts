/**
 * Where a native TensorFlow.js package may lie: beside our own packages, or where `npm run tensorflow:install` puts it,
 * `.cache/tensorflow/{package}`, which `npm ci` leaves alone. From there Node's upward search still finds our
 * one `@tensorflow/tfjs-core`, so that both sides share its engine and kernels.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export type NativePackage = 'tfjs-node' | 'tfjs-node-gpu'

/** Spelled as in TRAINING_BACKEND. */
export type NativeBackendName = 'tensorflow-gpu' | 'tensorflow'

/** A package that could be loaded: its binding was built. */
export type NativeCandidate = { package: NativePackage; directory: string }

/** The folder that holds package.json, from sources and from dist alike. */
export const projectRoot = (): string => {
  let directory = path.dirname(fileURLToPath(import.meta.url))
  while (!existsSync(path.join(directory, 'package.json'))) {
    const parent = path.dirname(directory)
    if (parent === directory) throw new Error('no package.json above the engine')
    directory = parent
  }
  return directory
}

/** What to try for a backend: the GPU package also runs on a machine without a device, as TensorFlow on the CPU. */
export const candidatesFor = (name: NativeBackendName): NativeCandidate[] =>
  locateNative(name === 'tensorflow-gpu' ? ['tfjs-node-gpu'] : ['tfjs-node', 'tfjs-node-gpu'])

const packageDirectories = (name: NativePackage, root: string): string[] => {
  // What was put in place had trained a step; what lies beside our packages may be anything.
  const bases = [path.join(root, '.cache', 'tensorflow', name), root]
  const found = bases.flatMap((base) => {
    try {
      return [path.dirname(createRequire(path.join(base, 'package.json')).resolve(`@tensorflow/${name}/package.json`))]
    } catch {
      return []
    }
  })
  return [...new Set(found)]
}

const hasBinding = (directory: string): boolean =>
  [8, 7, 6].some((abi) => existsSync(path.join(directory, 'lib', `napi-v${abi}`, 'tfjs_binding.node')))

/** Packages whose binding exists, in the order asked for; an empty list means that nothing is installed. */
const locateNative = (packages: NativePackage[], root = projectRoot()): NativeCandidate[] =>
  packages.flatMap((name) =>
    packageDirectories(name, root)
      .filter(hasBinding)
      .map((directory) => ({ package: name, directory })),
  )
