/** What the benchmarks of the service share: the built product in a folder of its own, its processes, and quantiles. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
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

/** Every process at or below `pid`: id, command line, resident memory now and at its peak in MiB. Linux; elsewhere none. */
const processesBelow = (pid) => {
  if (!existsSync('/proc/self/status')) return []
  const all = readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ')
      const memory = { resident: mebibytes(entry, 'VmRSS'), peak: mebibytes(entry, 'VmHWM') }
      return command ? [{ pid: Number(entry), parent: Number(status(entry, 'PPid')), command, ...memory }] : []
    } catch {
      return []
    }
  })
  const below = all.filter((one) => one.pid === pid)
  for (const one of below) below.push(...all.filter((other) => other.parent === one.pid))
  return below
}

/** `npm start` on a free port and a fresh folder; REDIS_URL and TRAINING_BACKEND are passed on. */
export const startService = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-bench-'))
  const child = spawn(process.execPath, ['scripts/launch.mjs', 'start'], {
    cwd: root,
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error' },
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

  /** One request with a JSON answer. */
  const call = async (method, path, body) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  const stop = async () => {
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await gone
    }
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  return { url, dataDir, call, stop, processes: () => processesBelow(child.pid) }
}
