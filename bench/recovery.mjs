#!/usr/bin/env node
/**
 * How soon a job goes on after kill -9: milliseconds from the kill to the job's `resumed` event, of the training child and
 * of the worker, everything embedded on one machine (Linux).
 *
 *   node bench/recovery.mjs [KILLS] [--json FILE]
 *
 * Needs a build (`npm run build`).
 */
import { readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ended, root, startService, summary } from './service.mjs'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } })
const kills = Number(positionals[0] ?? 5)
const notebook = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
// Long enough to be met in the middle, whatever executes it.
const config = { ...notebook, training: { ...notebook.training, epochs: 20_000 }, record: { gradients: 'none', weights: 'last' } }

const roles = { child: /training\.child/, worker: /workers\/worker\.js/ }

/** The process of a role below the service. */
const processOf = (service, role) => service.processes().find(({ command }) => roles[role].test(command))?.pid

/** Starts a job, kills a process in its middle, and tells how long it took to go on. */
const interrupt = async (service, role) => {
  let job = await service.call('POST', '/v1/jobs', config)
  while (job.progress.epoch < 3) job = await service.call('GET', `/v1/jobs/${job.id}?wait=10`)
  process.kill(processOf(service, role), 'SIGKILL')
  const killed = Date.now()
  let resumed
  while (!resumed) {
    await service.call('GET', `/v1/jobs/${job.id}?wait=1`)
    resumed = (await service.call('GET', `/v1/jobs/${job.id}/events`)).data.find((event) => event.type === 'resumed')
  }
  job = await service.call('POST', `/v1/jobs/${job.id}/cancel`)
  while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?wait=10`)
  return Date.parse(resumed.at) - killed
}

const service = await startService()
try {
  const report = { node: process.version, kills, loadBefore: loadavg().map((load) => Number(load.toFixed(1))) }
  for (const role of Object.keys(roles)) {
    const times = []
    for (let index = 0; index < kills; index++) times.push(await interrupt(service, role))
    report[role] = summary(times)
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await service.stop()
}
