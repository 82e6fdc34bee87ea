/** A redis-server for tests: one that is installed, or Debian's, unpacked into a cache folder without touching the system. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root, run } from './steps.mjs'

/** What a test needs to start a server: the program, and where its libraries lie if not where the system looks. */
/** @typedef {{ command: string, libraries?: string }} RedisProgram */

const programs = ['redis-server', 'valkey-server']
const cache = join(root, '.cache/redis')

const howToGet = `Redis is needed for the tests and there is none: install it (redis-server or valkey-server on PATH), or set REDIS_URL to a server that tests may use.`

/** @returns {RedisProgram | undefined} */
export const findRedisProgram = () => {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const installed = folders.flatMap((folder) => programs.map((name) => join(folder, name))).find(existsSync)
  if (installed && runs({ command: installed })) return { command: installed }
  const unpacked = unpackedProgram()
  return unpacked && runs(unpacked) ? unpacked : undefined
}

/** Finds a Redis or unpacks Debian's. @returns {Promise<RedisProgram>} @throws saying how to get one */
export const provideRedisProgram = async () => {
  const found = findRedisProgram()
  if (found) return found
  const trouble = await unpackDebian()
  const unpacked = findRedisProgram()
  if (unpacked) return unpacked
  throw new Error(trouble ? `${howToGet}\nDebian's package was tried: ${trouble}` : howToGet)
}

const runs = ({ command, libraries }) => {
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  return spawnSync(command, ['--version'], { env }).status === 0
}

const unpackedProgram = () => {
  const command = join(cache, 'usr/bin/redis-server')
  if (!existsSync(command)) return undefined
  const folders = ['usr/lib', 'lib'].flatMap((parent) => {
    const path = join(cache, parent)
    return existsSync(path) ? [path, ...readdirSync(path).map((name) => join(path, name))] : []
  })
  return { command, libraries: folders.join(delimiter) }
}

/**
 * Downloads Debian's redis-server with the libraries that this machine lacks and unpacks them; works without root, since
 * apt keeps its lists in a folder of ours. Appears in the cache all at once.
 * @returns {Promise<string | undefined>} what went wrong
 */
const unpackDebian = async () => {
  if (spawnSync('apt-get', ['--version']).status !== 0) return undefined
  mkdirSync(join(root, '.cache'), { recursive: true })
  const staging = mkdtempSync(`${cache}.`)
  const lists = join(staging, 'apt/lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  mkdirSync(join(staging, 'apt/archives/partial'), { recursive: true })
  const options = [
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${join(staging, 'apt')}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'Acquire::Retries=2',
  ]
  const apt = (...args) => run('apt-get', [...options.flatMap((option) => ['-o', option]), ...args], { quiet: true, cwd: staging })
  try {
    const updated = await apt('update')
    if (updated.code !== 0) return updated.output.trim()
    const planned = await apt('install', '--print-uris', '--yes', '--no-install-recommends', 'redis-server')
    const names = [...planned.output.matchAll(/^'[^']+' (\S+?)_\S+ /gm)].map((match) => match[1])
    if (planned.code !== 0 || names.length === 0) return planned.output.trim()
    const downloaded = await apt('download', ...names)
    if (downloaded.code !== 0) return downloaded.output.trim()
    rmSync(join(staging, 'apt'), { recursive: true })
    for (const file of readdirSync(staging).filter((name) => name.endsWith('.deb'))) {
      const unpacked = await run('dpkg', ['-x', join(staging, file), staging], { quiet: true })
      if (unpacked.code !== 0) return unpacked.output.trim()
      rmSync(join(staging, file))
    }
    rmSync(cache, { recursive: true, force: true })
    renameSync(staging, cache)
    return undefined
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}
