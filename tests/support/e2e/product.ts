/** Starts the built product as a user would, in a folder of its own, and stops it with everything it started. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Api, createApi } from './api.ts'
import { kill, mentioning, type Running, treeOf } from './processes.ts'

export const root = resolve(import.meta.dirname, '../../..')

/** Variables that would lead a product under test to somebody else's servers. */
const foreign = [
  'DATABASE_URL',
  'REDIS_URL',
  'API_KEYS',
  'OPERATOR_KEYS',
  'HOST',
  'PORT',
  'DATA_DIR',
  'WORKERS',
  'NODE_OPTIONS',
  'NODE_TEST_CONTEXT',
]

/** This process's environment without what would mislead the product, and with `more`. */
export const cleanEnvironment = (more: Record<string, string>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.includes(name))),
  ...more,
})

export type Product = {
  url: string
  api: Api
  process: ChildProcess
  dataDir: string
  /** Everything it printed so far. */
  output: () => string
  /** Its processes, the supervisor first. */
  processes: () => Running[]
  /** SIGTERM, and waits for the end. The exit code, or the signal's name. */
  stop: () => Promise<number | string>
  /** kill -9 of every process, the database included, at once. */
  killAll: () => void
}

/** A folder that the database's user may enter too, where root runs the tests: its cluster then lies inside and goes with it. */
const newDataDir = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-e2e-'))
  await chmod(folder, 0o755)
  return folder
}

/** A command of the product, e.g. `start`, running until its line `listening on URL`. */
export const startProduct = async (env: Record<string, string> = {}, command = 'start'): Promise<Product> => {
  assert.ok(existsSync(join(root, 'dist/src')), 'the product is not built: run `npm run build`')
  const dataDir = env.DATA_DIR ?? (await newDataDir())
  const child = spawn(process.execPath, ['scripts/launch.mjs', command], {
    cwd: root,
    env: cleanEnvironment({ PORT: '0', LOG_LEVEL: 'warn', ...env, DATA_DIR: dataDir }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const url = await new Promise<string>((found, failed) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const match = /listening on (http:\/\/\S+)/.exec(text)
      if (match?.[1]) found(match[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', failed)
    child.once('exit', (code, signal) =>
      failed(new Error(`\`npm run ${command}\` ended with ${code ?? signal} before it listened:\n${text}`)),
    )
  })
  const processes = () => treeOf(child.pid ?? 0)
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>

  return {
    url,
    api: createApi(url),
    process: child,
    dataDir,
    output: () => text,
    processes,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const [code, signal] = await gone
      return code ?? signal ?? 'unknown'
    },
    killAll: () => {
      for (const { pid } of [...processes(), ...mentioning(dataDir)]) kill(pid)
    },
  }
}

/** Stops a product and deletes its folder. */
export const discard = async (product: Product | undefined): Promise<void> => {
  if (!product) return
  await product.stop()
  for (const { pid } of mentioning(product.dataDir)) kill(pid)
  await rm(product.dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
