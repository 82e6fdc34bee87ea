#!/usr/bin/env node
/**
 * From POST to `succeeded`: the notebook job, one after the other, as one client sees it; and the most memory that each
 * process of the service ever held (Linux).
 *
 *   node bench/latency.mjs [JOBS] [--json FILE]      everything embedded; with REDIS_URL set, the queue on that Redis
 *
 * Needs a build (`npm run build`). Starts the service in a folder of its own.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ended, root, startService, summary } from './service.mjs'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } })
const jobs = Number(positionals[0] ?? 200)
const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))

const roles = {
  api: /src\/server\.js/,
  worker: /workers\/worker\.js/,
  trainingChild: /training\.child/,
  callsChild: /calls\.child/,
  supervisor: /launch\.mjs/,
}

/** One job from POST to its end: milliseconds as the client sees them, from claim to finish, and counted as training. */
const runJob = async (service) => {
  const started = performance.now()
  let job = await service.call('POST', '/v1/jobs', config)
  while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?wait=30`)
  if (job.status !== 'succeeded') throw new Error(`a job ${job.status}: ${JSON.stringify(job.error)}`)
  const milliseconds = performance.now() - started
  const claimed = Date.parse(job.finishedAt) - Date.parse(job.startedAt)
  return { milliseconds, claimed, training: job.result.seconds * 1000, engine: job.engine }
}

const peakMemory = (processes) =>
  Object.fromEntries(
    Object.entries(roles).map(([role, pattern]) => [
      role,
      Math.max(0, ...processes.filter(({ command }) => pattern.test(command)).map(({ peak }) => peak)),
    ]),
  )

const service = await startService()
try {
  const first = await runJob(service)
  const runs = []
  for (let index = 0; index < jobs; index++) runs.push(await runJob(service))
  const report = {
    queue: process.env.REDIS_URL ? 'redis' : 'postgresql',
    node: process.version,
    cores: cpus().length,
    engine: first.engine,
    jobs,
    firstMilliseconds: Math.round(first.milliseconds),
    firstClaimToFinished: first.claimed,
    postToSucceeded: summary(runs.map((run) => run.milliseconds)),
    claimToFinished: summary(runs.map((run) => run.claimed)),
    training: summary(runs.map((run) => run.training)),
    peakMemoryMiB: peakMemory(service.processes()),
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await service.stop()
}
