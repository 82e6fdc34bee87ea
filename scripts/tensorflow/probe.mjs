import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './places.mjs'
import { InstallError } from './shell.mjs'

/** The installed packages of a backend, best first. */
export const located = async (backend) => (await importEngine('locate')).candidatesFor(backend)

/**
 * What a child process sees when it loads native TensorFlow and trains one step.
 * @param {'tensorflow' | 'tensorflow-gpu'} backend
 * @param {{ package: string, directory: string }} [candidate] instead of what is installed
 */
export const probe = async (backend, candidate) => {
  const { probeNative } = await importEngine('probe')
  return probeNative(backend, candidate)
}

/** Modules of the engine: from sources if tsx is there, else as built. */
const importEngine = async (name) => {
  const built = path.join(root, 'dist', 'workers', 'engine', 'backends', 'native', `${name}.js`)
  let loader
  try {
    loader = import.meta.resolve('tsx')
  } catch {
    if (existsSync(built)) return import(pathToFileURL(built).href)
    throw new InstallError('the packages are not installed: npm ci')
  }
  const { register } = await import('tsx/esm/api')
  register()
  // The probe forks with this process's options: its child must understand TypeScript too.
  if (!process.execArgv.includes(loader)) process.execArgv.push('--import', loader)
  return import(pathToFileURL(path.join(root, 'workers', 'engine', 'backends', 'native', `${name}.ts`)).href)
}
