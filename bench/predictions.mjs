#!/usr/bin/env node
/**
 * One row predicted by one request, from the client's side: one after the other, then by many clients at once.
 *
 *   node bench/predictions.mjs [REQUESTS] [--clients N] [--rows N] [--json FILE]      with REDIS_URL set, the queue on that Redis
 *
 * Needs a build (`npm run build`). Starts the service in a folder of its own.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ended, root, startService, summary } from './service.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, clients: { type: 'string', default: '16' }, rows: { type: 'string', default: '1' } },
})
const requests = Number(positionals[0] ?? 500)
const clients = Number(values.clients)
const body = { features: Array.from({ length: Number(values.rows) }, (_, row) => [row / 10, 2]) }
const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))

const service = await startService()
try {
  let job = await service.call('POST', '/v1/jobs', config)
  while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?wait=30`)

  const predict = async () => {
    const started = performance.now()
    await service.call('POST', `/v1/jobs/${job.id}/predictions`, body)
    return performance.now() - started
  }
  const several = async (count) => {
    const times = []
    for (let index = 0; index < count; index++) times.push(await predict())
    return times
  }

  const cpuMs = () => service.processes().reduce((sum, one) => sum + one.cpuMs, 0)
  const first = await predict()
  await several(Math.min(100, requests))
  const cpuBefore = cpuMs()
  const sequential = await several(requests)
  const cpuPerCall = (cpuMs() - cpuBefore) / requests
  const began = performance.now()
  const together = (await Promise.all(Array.from({ length: clients }, () => several(Math.ceil(requests / clients))))).flat()
  const seconds = (performance.now() - began) / 1000
  const report = {
    queue: process.env.REDIS_URL ? 'redis' : 'postgresql',
    node: process.version,
    cores: cpus().length,
    requests,
    rows: Number(values.rows),
    firstMilliseconds: Number(first.toFixed(1)),
    oneAfterTheOther: { ...summary(sequential), cpuMs: Number(cpuPerCall.toFixed(1)) },
    [`${clients}Clients`]: { ...summary(together), perSecond: Math.round(together.length / seconds) },
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await service.stop()
}
