/** One PostgreSQL server process over a cluster: found by its pid file, launched apart from us so that it outlives us, stopped by signal. */
import { spawn } from 'node:child_process'
import { chownSync, closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Postgres } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { type CommandResult, runAs, type ServerUser, serverEnvironment } from './server-user.ts'

/** What the pid file says. `ready`: connections are accepted. */
export type RunningServer = { pid: number; port: number; ready: boolean }

/** A log beyond this size is put aside at the next launch. */
const logLimitBytes = 10_000_000

/** How many lines of it are told if a server doesn't start. */
const lastLines = 8

/** With less room than this no server starts: it writes a file of its own, and its log. */
const fullBelowBytes = 100_000

/** The server that runs over the cluster, whoever launched it. A pid file that a killed server left behind counts as none. */
export const findServer = async (cluster: Cluster): Promise<RunningServer | undefined> => {
  const file = readPidFile(cluster)
  return file && (await isServer(file.pid, cluster)) ? file : undefined
}

export type LaunchOptions = {
  user: ServerUser
  postgres: Postgres
  /** Where others look for it; any free port unless given. */
  port?: number | undefined
  /** Server settings, such as `fsync=off`. */
  settings?: readonly string[]
}

/** Launches a server and resolves once it takes connections. @throws with what the server said if it ends instead */
export const launchServer = async (cluster: Cluster, { user, postgres, port: wantedPort, settings = [] }: LaunchOptions): Promise<void> => {
  await dropForeignPidFile(cluster)
  const port = await freePort(wantedPort)
  const log = openLog(cluster, user)
  const logStart = fstatSync(log).size
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC', ...settings]
  const server = spawn(
    join(postgres.bin, 'postgres'),
    ['-D', cluster.data, '-p', String(port), ...options.flatMap((option) => ['-c', option])],
    // Detached: a Ctrl-C in our terminal is not for the server.
    { ...user, cwd: '/', env: serverEnvironment, detached: true, stdio: ['ignore', log, log] },
  )
  closeSync(log)
  let ended: string | undefined
  server.on('error', (error) => {
    ended = error.message
  })
  server.on('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `code ${code}`}`
  })
  // After a crash the server first replays its log, however long that takes.
  for (;;) {
    const file = readPidFile(cluster)
    if (file?.ready && file.pid === server.pid) break
    if (ended) throw new Error(`PostgreSQL did not start: ${ended}. ${logTail(cluster, logStart)}`)
    await sleep(10)
  }
  server.unref()
}

/** Ends a server: clients are cut off, what they committed is safe. Resolves once it is gone. */
export const stopServer = async (cluster: Cluster, { pid }: RunningServer): Promise<void> => {
  signal(pid, 'SIGINT')
  const deadline = Date.now() + 30_000
  while (await isServer(pid, cluster)) {
    if (Date.now() > deadline) signal(pid, 'SIGQUIT')
    await sleep(10)
  }
}

const readPidFile = (cluster: Cluster): RunningServer | undefined => {
  try {
    const lines = readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return pid && port ? { pid, port, ready: lines[7]?.trim() === 'ready' } : undefined
  } catch {
    return undefined
  }
}

/**
 * PostgreSQL refuses to start while the pid in its file belongs to any process of its user. After a machine or container
 * restart that may be someone else, so a file whose process is no server of this cluster is removed.
 */
const dropForeignPidFile = async (cluster: Cluster): Promise<void> => {
  const file = readPidFile(cluster)
  if (file && signal(file.pid, 0) && !(await isServer(file.pid, cluster))) rmSync(join(cluster.data, 'postmaster.pid'), { force: true })
}

/** True for a living server over the cluster; a dead one that its parent didn't collect yet has no command line. */
const isServer = async (pid: number, cluster: Cluster): Promise<boolean> => signal(pid, 0) && (await commandOf(pid)).includes(cluster.data)

/** False if there is no such process. */
const signal = (pid: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, name)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const commandOf = async (pid: number): Promise<string> => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    const listed: CommandResult = await runAs(undefined, 'ps', ['-ww', '-o', 'command=', '-p', String(pid)])
    return listed.stdout
  }
}

/** @throws if the wanted port is taken */
const freePort = (wanted = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', (error) => reject(wanted ? new Error(`port ${wanted} of the database is taken by another program`) : error))
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })

const openLog = (cluster: Cluster, user: ServerUser): number => {
  if ((statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) renameSync(cluster.log, `${cluster.log}.1`)
  const log = openSync(cluster.log, 'a', 0o600)
  if (user) chownSync(cluster.log, user.uid, user.gid)
  return log
}

/** The last lines that this launch wrote; on a full disk even they may be missing. */
const logTail = (cluster: Cluster, start: number): string => {
  const { bavail, bsize } = statfsSync(cluster.folder)
  const full = bavail * bsize < fullBelowBytes ? [`the disk of ${cluster.folder} is full`] : []
  const lines = readFileSync(cluster.log).subarray(start).toString('utf8').trim().split('\n').slice(-lastLines)
  return [...full, ...lines, `(from ${cluster.log})`].join('\n')
}
