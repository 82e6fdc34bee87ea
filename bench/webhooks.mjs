#!/usr/bin/env node
/**
 * How soon and how fast webhooks are told, and how often twice.
 *
 *   node bench/webhooks.mjs [--idle 100] [--deliveries 2000] [--receivers 100] [--hanging 10] [--own] [--json FILE]
 *
 * Everything embedded, on one machine with the receivers; no job is trained meanwhile. `idleMs`: from an event's time to its receiver, one event each 200 ms. Then sweeps
 * make the deliveries, as many for each receiver, which belongs to a tenant of its own; some receivers take requests and never answer. `seconds`: from the first sweep
 * until all that answer have all theirs; `underLoadMs` counts from an event's time too, so it is mostly waiting. `twice`: deliveries that a receiver that answers was sent
 * again. `--own`: each job brings a webhook of its own, instead of one for each receiver. `missing`: deliveries that never came; `cpuSeconds`: of the API's process and of PostgreSQL's. Needs a build.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { root, startService, summary } from './service.mjs'

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '100' },
    deliveries: { type: 'string', default: '2000' },
    receivers: { type: 'string', default: '100' },
    hanging: { type: 'string', default: '10' },
    own: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const receivers = Number(values.receivers)
const hanging = Number(values.hanging)
const each = Math.round(Number(values.deliveries) / receivers)
const keys = Array.from({ length: receivers }, (_, at) => `secret-of-${at}`)

/** What came, by path: how often by the id of the delivery, and how long after its event. */
const came = new Map()
const hangs = new Set(Array.from({ length: hanging }, (_, at) => `/${at}`))
const server = createServer(async (request, response) => {
  const at = Date.now()
  const { timestamp } = JSON.parse(await text(request))
  const seen = came.get(request.url) ?? { ids: new Map(), delays: [] }
  came.set(request.url, seen)
  const id = request.headers['webhook-id']
  if (!seen.ids.has(id)) seen.delays.push(at - Date.parse(timestamp))
  seen.ids.set(id, (seen.ids.get(id) ?? 0) + 1)
  if (!hangs.has(request.url)) response.writeHead(204).end()
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const url = (path) => `http://127.0.0.1:${server.address().port}${path}`

const service = await startService({
  env: {
    OUTBOUND_ALLOW_HTTP: 'true',
    OUTBOUND_ALLOW_PRIVATE: 'true',
    API_KEYS: ['idle:secret', ...keys.map((key, at) => `tenant-${at}:${key}`)].join(','),
  },
})
const cpuSeconds = () => {
  const sum = (pattern) =>
    service
      .processes()
      .filter(({ command }) => pattern.test(command))
      .reduce((total, { cpuMs }) => total + cpuMs / 1000, 0)
  return { api: sum(/src\/server\.js/), database: sum(/postgres/) }
}
try {
  service.holdWorker(true)
  const job = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const listen = (path, key) => service.call('POST', '/v1/webhooks', { url: url(path), events: ['job.queued'] }, key)

  await listen('/idle', 'secret')
  // The first ones open connections.
  const warming = 5
  for (let at = 0; at < Number(values.idle) + warming; at++) {
    await service.call('POST', '/v1/jobs', job, 'secret')
    await pause(200)
  }
  const idle = () => came.get('/idle')?.delays ?? []
  for (let waited = 0; waited < 100 && idle().length < Number(values.idle) + warming; waited++) await pause(100)

  if (!values.own) for (const [at, key] of keys.entries()) await listen(`/${at}`, key)
  const before = cpuSeconds()
  const began = performance.now()
  const learningRate = Array.from({ length: each }, (_, at) => (at + 1) / 10_000)
  let next = 0
  const post = async () => {
    for (let at = next++; at < receivers; at = next++) {
      const base = values.own ? { ...job, webhook: { url: url(`/${at}`), events: ['job.queued'] } } : job
      await service.call('POST', '/v1/sweeps', { base, grid: { 'optimizer.learningRate': learningRate } }, keys[at])
    }
  }
  await Promise.all(Array.from({ length: 4 }, post))
  const postedMs = performance.now() - began
  const paths = keys.map((_, at) => `/${at}`).filter((path) => !hangs.has(path))
  // A sweep whose answer was a 503 may be there twice.
  const left = () => paths.reduce((sum, path) => sum + Math.max(0, each - (came.get(path)?.ids.size ?? 0)), 0)
  for (let last = left(), quiet = 0; left() > 0 && quiet < 1200; quiet = left() === last ? quiet + 1 : 0) {
    last = left()
    await pause(50)
  }
  const seconds = (performance.now() - began) / 1000
  const after = cpuSeconds()
  // What is sent again because its end was not kept comes when its lease is over.
  await pause(20_000)
  const answered = paths.map((path) => came.get(path)).filter(Boolean)
  const report = {
    idleMs: summary(idle().slice(warming)),
    deliveries: each * receivers,
    postedSeconds: Number((postedMs / 1000).toFixed(1)),
    seconds: Number(seconds.toFixed(1)),
    aSecond: Math.round((each * paths.length) / seconds),
    missing: left(),
    twice: answered.reduce((sum, { ids }) => sum + [...ids.values()].filter((times) => times > 1).length, 0),
    underLoadMs: summary(answered.flatMap(({ delays }) => delays)),
    cpuSeconds: { api: Math.round(after.api - before.api), database: Math.round(after.database - before.database) },
  }
  console.log(JSON.stringify(report))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  service.holdWorker(false)
  await service.stop()
  server.closeAllConnections()
  server.close()
}
