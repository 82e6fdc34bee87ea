#!/usr/bin/env node
/**
 * Whether everybody who follows the events of all jobs gets each of them once, over a kill of the API.
 *
 *   node bench/event-streams.mjs [--clients 1000] [--jobs 200] [--kills 2] [--json FILE]
 *
 * Everything embedded, on one machine with the clients. Jobs are posted and trained meanwhile; `kill -9` hits the API so many times, its supervisor starts
 * another, and each client comes back with the last id that it had. `missed` and `doubled`: events, over all clients, against the list at the end;
 * `disordered`: events that came before an earlier one of their job. `behindMs`: from the last event's time to when a client had it. Needs a build.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ended, root, startService, summary } from './service.mjs'

const pause = (ms) => new Promise((done) => setTimeout(done, ms))
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })

/** One client, which comes back whenever its stream breaks. `seen`: what it had, by id, with how often. */
const follow = (url) => {
  const seen = new Map()
  const lastSeq = new Map()
  const client = { seen, disordered: 0, heardAt: 0, comebacks: 0 }
  let last = ''
  let over = false
  let request
  const take = (block) => {
    const id = /^id: (.*)$/m.exec(block)?.[1]
    if (id === undefined) return
    last = id
    const data = /^data: (.*)$/m.exec(block)?.[1]
    if (data === undefined) return
    const { jobId, seq } = JSON.parse(data)
    seen.set(id, (seen.get(id) ?? 0) + 1)
    if (seq !== (lastSeq.get(jobId) ?? 0) + 1) client.disordered += 1
    lastSeq.set(jobId, seq)
    client.heardAt = Date.now()
  }
  const connect = () => {
    let isLost = false
    const back = () => {
      if (over || isLost) return
      isLost = true
      client.comebacks += 1
      setTimeout(connect, 200 + Math.random() * 300)
    }
    const headers = { accept: 'text/event-stream', ...(last ? { 'last-event-id': last } : {}) }
    request = get(`${url}/v1/events`, { agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        const blocks = (text + chunk).split('\n\n')
        text = blocks.pop()
        for (const block of blocks) take(block)
      })
      response.once('error', () => {})
      response.once('close', back)
    })
    request.once('error', back)
  }
  connect()
  client.close = () => {
    over = true
    request.destroy()
  }
  return client
}

/** Every event that is stored, from the list. */
const listAll = async (service) => {
  const all = []
  for (let cursor = ''; cursor !== null; ) {
    const page = await service.call('GET', `/v1/events?limit=1000${cursor && `&after=${cursor}`}`)
    all.push(...page.data)
    cursor = page.nextCursor
  }
  return all
}

/** A call that is sent again while the API is away; a job whose answer was lost is there twice. */
const insist = async (service, ...call) => {
  for (;;) {
    try {
      return await service.call(...call)
    } catch {
      await pause(100)
    }
  }
}

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: '200' },
    kills: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
})
const service = await startService()
try {
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const clients = Array.from({ length: Number(values.clients) }, () => follow(service.url))
  // Its events show that all are connected.
  await insist(service, 'POST', '/v1/jobs', config)
  while (clients.some(({ seen }) => seen.size === 0)) await pause(100)
  const jobs = Number(values.jobs)
  const kills = Number(values.kills)
  const ids = []
  for (let at = 0; at < jobs; at++) {
    ids.push((await insist(service, 'POST', '/v1/jobs', config)).id)
    if (kills > 0 && at % Math.ceil(jobs / (kills + 1)) === Math.ceil(jobs / (kills + 1)) - 1 && at < jobs - 1)
      for (const { pid, command } of service.processes()) if (/src\/server\.js/.test(command)) process.kill(pid, 'SIGKILL')
  }
  for (const id of ids) while (!ended((await insist(service, 'GET', `/v1/jobs/${id}?wait=60&waitFor=end`)).status));
  const stored = await listAll(service)
  const lastAt = Date.parse(stored.at(-1).at)
  for (let waited = 0; waited < 60 && clients.some(({ seen }) => seen.size < stored.length); waited++) await pause(500)
  const missed = clients.reduce((sum, { seen }) => sum + stored.filter(({ id }) => !seen.has(id)).length, 0)
  const doubled = clients.reduce((sum, { seen }) => sum + [...seen.values()].filter((times) => times > 1).length, 0)
  const report = {
    clients: clients.length,
    events: stored.length,
    comebacks: clients.reduce((sum, { comebacks }) => sum + comebacks, 0),
    missed,
    doubled,
    disordered: clients.reduce((sum, { disordered }) => sum + disordered, 0),
    behindMs: summary(clients.map(({ heardAt }) => heardAt - lastAt)),
  }
  for (const client of clients) client.close()
  console.log(JSON.stringify(report))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  if (missed + doubled + report.disordered > 0) process.exitCode = 1
} finally {
  agent.destroy()
  await service.stop()
}
