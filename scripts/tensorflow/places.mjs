import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
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

/** Where a package is installed: `workers/engine/backends/native/locate.ts` looks here. */
export const installDirectory = (name) => path.join(root, '.cache', 'tensorflow', name)

/**
 * Where TensorFlow's libraries are kept, outside the project, so that neither `npm ci` nor a second clone downloads a
 * gigabyte again: the person's cache folder, or the project's own if there is none.
 */
export const libraryDirectory = (distribution, gpu) => {
  const home = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const candidates = [path.join(home, 'trainyard', 'tensorflow'), path.join(root, '.cache', 'tensorflow', 'libraries')]
  const base = candidates.find(writable) ?? candidates[1]
  return path.join(base, `${distribution}${gpu ? '-cuda' : ''}-${tensorflowVersion}-${process.platform}-${process.arch}`)
}

/**
 * A folder beside `target` to build in, until it is renamed to it. It goes when the process ends; what a killed one left
 * goes when the next begins.
 */
export const stagingFor = (target) => {
  mkdirSync(path.dirname(target), { recursive: true })
  removeLeftovers(target)
  const staging = mkdtempSync(path.join(path.dirname(target), besideName(target, 'part')))
  process.on('exit', () => rmSync(staging, { recursive: true, force: true }))
  return staging
}

/** Makes a finished `staging` the `target`: one rename, or two if something was there. */
export const putInPlace = async (staging, target) => {
  const old = path.join(path.dirname(target), besideName(target, 'old'))
  if (existsSync(target)) await rename(target, old)
  // mkdtemp's folders are for their owner alone; a worker may run as someone else.
  await chmod(staging, 0o755)
  await rename(staging, target)
  await rm(old, { recursive: true, force: true })
}

const writable = (directory) => {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Beside `target`: `.part-` is being built, `.old-` was replaced. The name says whose it is. */
const besideName = (target, kind) => `${path.basename(target)}.${kind}-${os.hostname()}-${process.pid}-`

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Removes what killed installs left beside `target`: at once if their process was on this machine, else after an hour. */
const removeLeftovers = (target) => {
  const parent = path.dirname(target)
  for (const name of readdirSync(parent)) {
    if (!['part', 'old'].some((kind) => name.startsWith(`${path.basename(target)}.${kind}-`))) continue
    const [, host, pid] = /\.(?:part|old)-(.*)-(\d+)-\w*$/.exec(name) ?? []
    const left = path.join(parent, name)
    try {
      const isOver = host === os.hostname() ? !isAlive(Number(pid)) : Date.now() - statSync(left).mtimeMs > 3_600_000
      if (isOver) rmSync(left, { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // Another install was faster, or the killed one's npm or pip still writes there.
    }
  }
}
