/** Real Redis for tests: a server of the caller's own where there is a program to start, else a database of REDIS_URL's server. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'

export type TestRedis = {
  url: string
  /** Ends the server, or empties the database that was lent. */
  stop: () => Promise<void>
}

/** @throws saying how to get a Redis */
export const startRedis = async (): Promise<TestRedis> => (process.env.REDIS_URL ? borrowDatabase(process.env.REDIS_URL) : startServer())

/** An empty database of somebody's server; each test process takes another one where it can. */
const borrowDatabase = async (serverUrl: string): Promise<TestRedis> => {
  const url = new URL(serverUrl)
  for (let index = 15; index >= 0; index--) {
    url.pathname = `/${index}`
    const client = new Redis(url.href)
    const mine = await client.set('trainyard-tests', process.pid, 'EX', 900, 'NX').catch(() => null)
    if (mine) {
      return {
        url: url.href,
        stop: async () => {
          await client.flushdb()
          client.disconnect()
        },
      }
    }
    client.disconnect()
  }
  throw new Error('every database of REDIS_URL is taken by another test, or it is no server that tests may use')
}

const startServer = async (): Promise<TestRedis> => {
  const { url, stop } = await startOwnRedis()
  return { url, stop }
}

/** A server of the caller's own, which may be killed and started again at the same address; what it held is then gone. */
export type OwnRedis = TestRedis & {
  /** kill -9; resolves when it is gone. */
  kill: () => Promise<void>
  /** Starts it again where it was. */
  start: () => Promise<void>
}

/** Starts redis-server on a free port, keeping nothing on disk. @throws saying how to get one */
export const startOwnRedis = async (): Promise<OwnRedis> => {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, '../../scripts/redis-program.mjs')])
  const program: { command: string; libraries?: string } = JSON.parse(stdout)
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const env = { ...process.env, ...(program.libraries ? { LD_LIBRARY_PATH: program.libraries } : {}) }
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  let server: ChildProcess

  const start = async (): Promise<void> => {
    server = spawn(program.command, options, { env, stdio: 'ignore' })
    await answers(url, server)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }
  await start()
  return {
    url,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const answers = async (url: string, server: ChildProcess): Promise<void> => {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => {})
  try {
    await Promise.race([
      client.ping(),
      once(server, 'exit').then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}`))),
      sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error('redis-server does not answer'))),
    ])
  } finally {
    client.disconnect()
  }
}

/** A port that is free now. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}
