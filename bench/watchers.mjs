#!/usr/bin/env node
import { once } from 'node:events'
/**
 * How soon everybody who waits for a job hears of its end, and of an epoch: long polls and event streams, many at once.
 *
 *   node bench/watchers.mjs [--watchers 1000] [--root DIR] [--json FILE]
 *
 * Everything embedded, on one machine with the clients. Times are from sending the request that ends the job to what a client has of the answer, or of the
 * event. `loopMax`: the longest that `/healthz`, asked every 5 ms, took meanwhile; `apiCpu`: CPU milliseconds of the API. `--root`: another build to
 * compare with. Needs a build (`npm run build`).
 */
import { readFile, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root as ownRoot, startService, summary } from './service.mjs'

/** The notebook's job as one that no worker takes: it waits for a GPU. */
const waiting = async () => ({
  ...JSON.parse(await readFile(join(ownRoot, 'examples/linear-regression-concise.json'), 'utf8')),
  device: 'gpu',
})

/** One request on a connection of its own. `until(text)`: whether what was wanted has come; gives the time when it had. */
const watch = async ({ url, path, headers = '', until }) => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let text = ''
  const heard = new Promise((found, failed) => {
    socket.on('data', (chunk) => {
      text += chunk.latin1Slice()
      if (!until(text)) return
      found(performance.now())
      socket.destroy()
    })
    socket.on('error', failed)
    socket.on('close', () => failed(new Error(`closed before it came: ${text.slice(0, 200)}`)))
  })
  heard.catch(() => {})
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${headers}\r\n`)
  return { heard, socket }
}

/** Long polls: each has its answer with the job's end. */
const polls = (url, id) =>
  watch({ url, path: `/v1/jobs/${id}?wait=60&waitFor=end`, until: (text) => text.includes('"status":"cancelled"') })

const anyChange = (url, id) => watch({ url, path: `/v1/jobs/${id}?wait=60`, until: (text) => text.includes('"status":"cancelled"') })

const streams = (url, id) =>
  watch({
    url,
    path: `/v1/jobs/${id}/events`,
    headers: 'accept: text/event-stream\r\n',
    until: (text) => text.includes('event: cancelled'),
  })

/** What `/healthz` takes, asked again and again. */
const watchLoop = (url) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times = []
  let over = false
  const ended = (async () => {
    while (!over) {
      const began = performance.now()
      await new Promise((done, failed) =>
        get(`${url}/healthz`, { agent }, (response) => response.resume().on('end', done)).on('error', failed),
      )
      times.push(performance.now() - began)
      await new Promise((done) => setTimeout(done, 5))
    }
    agent.destroy()
  })()
  return async () => {
    over = true
    await ended
    return times
  }
}

/** CPU milliseconds of the API so far. */
const apiCpu = (service) => service.processes().find(({ command }) => /src\/server\.js/.test(command))?.cpuMs ?? Number.NaN

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** So many watchers of so many jobs, which are cancelled, eight at a time. */
const measure = async (service, { watchers, jobs, open }) => {
  const config = await waiting()
  const ids = []
  for (let at = 0; at < jobs; at++) ids.push((await service.call('POST', '/v1/jobs', config)).id)
  const opened = []
  for (let at = 0; at < watchers; at++) opened.push({ id: ids[at % jobs], ...(await open(service.url, ids[at % jobs])) })
  await pause(1000)
  const endLoop = watchLoop(service.url)
  await pause(300)
  const cpuBefore = apiCpu(service)
  const began = new Map()
  const rest = [...ids]
  const cancelling = Array.from({ length: Math.min(8, jobs) }, async () => {
    for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
      began.set(id, performance.now())
      await service.call('POST', `/v1/jobs/${id}/cancel`)
    }
  })
  const times = await Promise.all(opened.map(async ({ id, heard }) => (await heard) - began.get(id)))
  await Promise.all(cancelling)
  const cpu = apiCpu(service) - cpuBefore
  const loop = await endLoop()
  for (const { socket } of opened) socket.destroy()
  return { ...withP95(times), loopMax: Math.round(Math.max(...loop)), apiCpu: cpu }
}

const withP95 = (times) => {
  const sorted = times.toSorted((a, b) => a - b)
  return { ...summary(times), p95: Number(sorted[Math.ceil(0.95 * sorted.length) - 1].toFixed(1)) }
}

/** Every kind of watcher, with what each heard how soon. */
export const measureWatchers = async (service, { watchers = 1000 } = {}) => {
  const kinds = {
    'long polls for the end, one job': { jobs: 1, open: polls },
    'long polls for any change, one job': { jobs: 1, open: anyChange },
    'long polls for the end, ten jobs': { jobs: 10, open: polls },
    'long polls for the end, a job each': { jobs: watchers, open: polls },
    'event streams, one job': { jobs: 1, open: streams },
    'event streams, ten jobs': { jobs: 10, open: streams },
  }
  // What runs for the first time is compiled then.
  for (const { jobs, open } of Object.values(kinds)) await measure(service, { watchers: 20, jobs: Math.min(jobs, 2), open })
  const report = {}
  for (const [kind, { jobs, open }] of Object.entries(kinds))
    report[kind] = await measure(service, { watchers, jobs, open }).catch((error) => ({ failed: error.message }))
  return report
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: { watchers: { type: 'string', default: '1000' }, root: { type: 'string', default: ownRoot }, json: { type: 'string' } },
  })
  const service = await startService({ root: resolve(values.root) })
  try {
    const report = await measureWatchers(service, { watchers: Number(values.watchers) })
    console.log(JSON.stringify(report, null, 2))
    if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  } finally {
    await service.stop()
  }
}
