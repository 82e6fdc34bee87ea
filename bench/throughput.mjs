#!/usr/bin/env node
/**
 * Jobs from many clients at once: how many a second, and what each costs, process by process (Linux).
 *
 *   node bench/throughput.mjs [--clients 32] [--jobs 600] [--warm 128] [--root DIR] [--profiles DIR] [--json FILE]
 *
 * Everything embedded, with two training processes unless WORKERS says otherwise. The notebook job with the gradients and weights
 * of its three epochs stored; a client sends one, waits for its end with `?wait=30&waitFor=end`, and sends the next. `--warm`: jobs before those that
 * count; V8 compiles until a process has had some thousand. `--root`: the folder of another build, to compare with; `--profiles`: a folder for
 * the CPU profiles of API and worker. Needs a build (`npm run build`).
 */
import { readFile, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { ended, root as ownRoot, startService, summary } from './service.mjs'

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string', default: '32' },
    jobs: { type: 'string', default: '600' },
    warm: { type: 'string' },
    root: { type: 'string', default: ownRoot },
    profiles: { type: 'string' },
    json: { type: 'string' },
  },
})
const [clients, jobs, root] = [Number(options.clients), Number(options.jobs), resolve(options.root)]
const warm = Number(options.warm ?? 4 * clients)
const workers = process.env.WORKERS ?? '2'
const config = JSON.parse(await readFile(join(ownRoot, 'examples/linear-regression-concise.json'), 'utf8'))
const body = JSON.stringify({ ...config, record: { gradients: 'full', weights: 'everyEpoch' } })

const roles = {
  api: /src\/server\.js/,
  worker: /workers\/worker\.js/,
  trainingChildren: /training\.child/,
  inferenceChild: /inference\.child/,
  supervisor: /launch\.mjs/,
  postgresql: /postgres/,
}

const agent = new Agent({ keepAlive: true, maxSockets: clients })

/** One request on a kept connection: `fetch` would cost as much as the job's own request. */
const call = (url, method, path, text) =>
  new Promise((resolveCall, reject) => {
    const headers = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}
    const sent = request(url + path, { agent, method, headers }, (response) => {
      const parts = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString()
        if (response.statusCode < 300) resolveCall(JSON.parse(answer))
        else if (response.statusCode === 503)
          setTimeout(() => resolveCall(call(url, method, path, text)), 1000 * Number(response.headers['retry-after'] ?? 1))
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`))
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })

const runJob = async (url) => {
  const started = performance.now()
  let job = await call(url, 'POST', '/v1/jobs', body)
  while (!ended(job.status)) job = await call(url, 'GET', `/v1/jobs/${job.id}?wait=30&waitFor=end`)
  if (job.status !== 'succeeded') throw new Error(`a job ${job.status}: ${JSON.stringify(job.error)}`)
  return performance.now() - started
}

/** So many jobs from all clients. Gives the milliseconds of each. */
const runJobs = async (url, count) => {
  const times = []
  let left = count
  const client = async () => {
    while (left-- > 0) times.push(await runJob(url))
  }
  await Promise.all(Array.from({ length: clients }, client))
  return times
}

/** CPU milliseconds so far, by role; of processes that ended in between too. */
const cpuByRole = (service) => {
  const sums = Object.fromEntries(Object.keys(roles).map((role) => [role, 0]))
  for (const { command, cpuMs } of service.processes()) {
    const [role] = Object.entries(roles).find(([, pattern]) => pattern.test(command)) ?? []
    if (role) sums[role] += cpuMs
  }
  return sums
}

/** What the database counted so far; its processes tell of it a second late. */
const counted = async (database) => {
  await new Promise((wait) => setTimeout(wait, 1500))
  const { rows } = await database.query(`select xact_commit::int as commits from pg_stat_database where datname = current_database()`)
  const hot = await database.query(
    `select n_tup_upd::int as updates, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'Job'`,
  )
  return { ...rows[0], ...hot.rows[0] }
}

const perJob = (before, after, count) =>
  Object.fromEntries(Object.keys(after).map((key) => [key, Number(((after[key] - before[key]) / count).toFixed(2))]))

const service = await startService({ root, env: { WORKERS: workers }, profiles: options.profiles && resolve(options.profiles) })
const database = new pg.Client({ connectionString: await service.databaseUrl() })
try {
  await database.connect()
  // Every training process has its graph, every connection stands.
  await runJobs(service.url, warm)
  const countsBefore = await counted(database)
  const cpuBefore = cpuByRole(service)
  const started = performance.now()
  const times = await runJobs(service.url, jobs)
  const seconds = (performance.now() - started) / 1000
  const cpu = perJob(cpuBefore, cpuByRole(service), jobs)
  const report = {
    root,
    node: process.version,
    cores: cpus().length,
    loadBefore: loadavg().map((load) => Number(load.toFixed(1))),
    workers: Number(workers),
    clients,
    warm,
    jobs,
    jobsPerSecond: Number((jobs / seconds).toFixed(1)),
    cpuMillisecondsPerJob: {
      all: Number(
        Object.values(cpu)
          .reduce((sum, ms) => sum + ms, 0)
          .toFixed(2),
      ),
      ...cpu,
    },
    milliseconds: summary(times),
    databasePerJob: perJob(countsBefore, await counted(database), jobs),
  }
  console.log(JSON.stringify(report, null, 2))
  if (options.json) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  agent.destroy()
  await database.end().catch(() => {})
  await service.stop()
}
