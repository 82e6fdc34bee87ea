import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The TensorFlow release whose wheel is taken: the binding of tfjs-node 4.22.0 was seen to compile, link and train with it. */
export const tensorflowVersion = '2.21.0'

/** Headers of N-API, for a Node that came without them. */
export const headersVersion = '1.9.0'

/** Version of the native package, pinned in package.json. */
export const packageVersion = (name) =>
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).peerDependencies[`@tensorflow/${name}`]

/** Where a package is installed: `workers/engine/native/locate.ts` looks here. */
export const installDirectory = (name) => path.join(root, '.cache', 'tensorflow', name)

const writable = (directory) => {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Where TensorFlow's libraries are kept, outside the project, so that neither `npm ci` nor a second clone downloads a
 * gigabyte again: the person's cache folder, or the project's own where there is none.
 */
export const libraryDirectory = (distribution) => {
  const home = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const candidates = [path.join(home, 'trainyard', 'tensorflow'), path.join(root, '.cache', 'tensorflow', 'libraries')]
  const base = candidates.find(writable) ?? candidates[1]
  return path.join(base, `${distribution}-${tensorflowVersion}-${process.platform}-${process.arch}`)
}

/**
 * A folder beside `target` to build in, until it is renamed to it. It goes when the process ends, however it ends; what a
 * killed one left goes an hour later, when the next begins.
 */
export const stagingFor = (target) => {
  const [parent, prefix] = [path.dirname(target), `${path.basename(target)}.part-`]
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent)) {
    const left = path.join(parent, name)
    if (name.startsWith(prefix) && Date.now() - statSync(left).mtimeMs > 3_600_000) rmSync(left, { recursive: true, force: true })
  }
  const staging = mkdtempSync(path.join(parent, prefix))
  process.on('exit', () => rmSync(staging, { recursive: true, force: true }))
  return staging
}
