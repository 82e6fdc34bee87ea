/** What the benchmarks of the service share: the built product in a folder of its own, its processes, and quantiles. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')

export const ended = (status) => ['succeeded', 'failed', 'cancelled'].includes(status)

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]

/** Quantiles of milliseconds. */
export const summary = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const round = (value) => Number(value.toFixed(1))
  return {
    p50: round(quantile(sorted, 0.5)),
    p90: round(quantile(sorted, 0.9)),
    p99: round(quantile(sorted, 0.99)),
    max: round(sorted.at(-1)),
  }
}

const status = (pid, name) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

const mebibytes = (pid, name) => Math.round(Number.parseInt(status(pid, name) ?? '0', 10) / 1024)

/** CPU time that a process has used so far, with that of its children that are gone; Linux counts it in hundredths of a second. */
const cpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return 10 * fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
}

/** Every process at or below `pid`: id, command line, CPU time so far, resident memory now and at its peak in MiB. Linux; elsewhere none. */
const processesBelow = (pid) => {
  if (!existsSync('/proc/self/status')) return []
  const all = readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ')
      const memory = { resident: mebibytes(entry, 'VmRSS'), peak: mebibytes(entry, 'VmHWM') }
      return command ? [{ pid: Number(entry), parent: Number(status(entry, 'PPid')), command, cpuMs: cpuMs(entry), ...memory }] : []
    } catch {
      return []
    }
  })
  const below = all.filter((one) => one.pid === pid)
  for (const one of below) below.push(...all.filter((other) => other.parent === one.pid))
  return below
}

/** A new folder for a service's data. Its database's user may enter it, so that the cluster lies inside and goes with it, for root too. */
export const makeDataDir = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-'))
  await chmod(folder, 0o755)
  return folder
}

export const removeDataDir = (folder) => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

/** Where the embedded database lies, its port and its password. */
export const embeddedDatabase = async (dataDir) => {
  const pointer = join(dataDir, 'postgres.json')
  const folder = existsSync(pointer) ? resolve(dataDir, JSON.parse(await readFile(pointer, 'utf8')).folder) : join(dataDir, 'postgres')
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim()
  return { folder, password, port: Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[3]) }
}

/**
 * `npm start` of a build, this one unless given, on a free port and a fresh folder, or `dataDir`, which stays; REDIS_URL and TRAINING_BACKEND are passed on.
 * `profiles`: folder that gets a CPU profile of each process that ends by itself.
 */
export const startService = async ({ root: folder = root, env = {}, profiles, dataDir: kept } = {}) => {
  const profiling = profiles ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : []
  const dataDir = kept ?? (await makeDataDir())
  const began = performance.now()
  const child = spawn(process.execPath, [...profiling, 'scripts/launch.mjs', 'start'], {
    cwd: folder,
    env: { ...process.env, ...env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((found, failed) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      const match = /listening on (http:\/\/\S+)/.exec(text)
      if (match) found(match[1])
    })
    child.once('exit', (code) => failed(new Error(`the service ended with ${code}`)))
  })

  const startedMs = performance.now() - began

  /** One request with a JSON answer, if it has one. */
  const call = async (method, path, body, key) => {
    const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...(key ? { 'x-api-key': key } : {}) }
    const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
    if (response.status === 503) {
      // A crowded machine: the time counts.
      await new Promise((done) => setTimeout(done, 1000 * Number(response.headers.get('retry-after') ?? 1)))
      return call(method, path, body, key)
    }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    const text = await response.text()
    return /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text
  }

  const stop = async () => {
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await gone
    }
    if (!kept) await removeDataDir(dataDir)
  }

  /** Of the embedded database. */
  const databaseUrl = async () => {
    const { password, port } = await embeddedDatabase(dataDir)
    return `postgres://trainyard:${password}@127.0.0.1:${port}/postgres`
  }

  /** Stops the worker where it is, or lets it go on: what waits in the queue stays there meanwhile. */
  const holdWorker = (isHeld) => {
    for (const { pid, command } of processesBelow(child.pid))
      if (/workers\/worker\.js/.test(command)) process.kill(pid, isHeld ? 'SIGSTOP' : 'SIGCONT')
  }

  return { url, dataDir, startedMs, call, stop, databaseUrl, holdWorker, processes: () => processesBelow(child.pid) }
}
