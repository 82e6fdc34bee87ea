#!/usr/bin/env node
/**
 * From POST to `succeeded`: the notebook job, one after the other, as one client sees it; and the most memory that each
 * process of the product ever held (Linux: VmHWM).
 *
 *   node bench/latency.mjs [JOBS] [--json FILE]      everything embedded; with REDIS_URL set, the queue on that Redis
 *
 * Needs a build (`npm run build`). Starts the product in a folder of its own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } })
const jobs = Number(positionals[0] ?? 200)
const root = resolve(import.meta.dirname, '..')
const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-latency-'))
const config = await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8')

const child = spawn(process.execPath, ['scripts/launch.mjs', 'start'], {
  cwd: root,
  env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
})

/** The address that the product prints once it takes requests. */
const listening = new Promise((found, failed) => {
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
    const match = /listening on (http:\/\/\S+)/.exec(text)
    if (match) found(match[1])
  })
  child.once('exit', (code) => failed(new Error(`the product ended with ${code}`)))
})

const ended = (status) => ['succeeded', 'failed', 'cancelled'].includes(status)

/** One job from POST to its end; milliseconds, and the seconds that the job itself counts as training. */
const runJob = async (url) => {
  const started = performance.now()
  let job = await (await fetch(`${url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: config })).json()
  while (!ended(job.status)) job = await (await fetch(`${url}/v1/jobs/${job.id}?wait=30`)).json()
  if (job.status !== 'succeeded') throw new Error(`a job ${job.status}: ${JSON.stringify(job.error)}`)
  return { milliseconds: performance.now() - started, training: job.result.seconds * 1000, engine: job.engine }
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
const summary = (numbers) => {
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

/** Peak resident memory in MiB of every process below this one, by role. */
const peakMemory = () => {
  if (!existsSync('/proc/self/status')) return {}
  const parents = new Map(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((pid) => {
        try {
          return [[Number(pid), Number(status(pid, 'PPid'))]]
        } catch {
          return []
        }
      }),
  )
  const below = [child.pid]
  for (const pid of below) for (const [other, parent] of parents) if (parent === pid) below.push(other)
  const roles = {
    api: /src\/server\.js/,
    worker: /workers\/worker\.js/,
    trainingChild: /training\.child/,
    callsChild: /calls\.child/,
    supervisor: /launch\.mjs/,
  }
  const peaks = {}
  for (const pid of below) {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    const role = Object.keys(roles).find((name) => roles[name].test(command))
    if (role) peaks[role] = Math.max(peaks[role] ?? 0, Math.round(Number.parseInt(status(pid, 'VmHWM'), 10) / 1024))
  }
  return peaks
}

try {
  const url = await listening
  const first = await runJob(url)
  const runs = []
  for (let index = 0; index < jobs; index++) runs.push(await runJob(url))
  const report = {
    queue: process.env.REDIS_URL ? 'redis' : 'postgresql',
    node: process.version,
    cores: cpus().length,
    engine: first.engine,
    jobs,
    firstMilliseconds: Math.round(first.milliseconds),
    postToSucceeded: summary(runs.map((run) => run.milliseconds)),
    training: summary(runs.map((run) => run.training)),
    peakMemoryMiB: peakMemory(),
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  child.kill('SIGTERM')
  await once(child, 'exit')
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
