#!/usr/bin/env node
/**
 * What one client that asks for much costs everybody else: the most memory that the API held, and how long `/healthz`, asked
 * every 10 ms by another process, took meanwhile (Linux).
 *
 *   node bench/under-attack.mjs [--only NAME,…] [--json FILE]
 *
 * Needs a build (`npm run build`). Starts the service in a folder of its own for each attack, and stores much in its database.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { attacks, needs } from './attacks.mjs'
import { embeddedDatabase, startService, summary } from './service.mjs'

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } })

/** The service, its database, and its API process. */
const open = async () => {
  const service = await startService()
  const { password, port } = await embeddedDatabase(service.dataDir)
  return { service, password, port }
}

/** Milliseconds of `/healthz`, asked by a process of its own, which nothing of the attack keeps busy, while `work` runs. */
const watch = async (url, work) => {
  const watcher = fork(join(import.meta.dirname, 'healthz-watch.mjs'), [url])
  await once(watcher, 'message')
  const outcome = await work()
  watcher.send('stop')
  const [times] = await once(watcher, 'message')
  return { outcome, healthz: summary(times) }
}

/** How each of the requests ended, and how many bytes came back. */
const told = (outcomes) => {
  const counts = new Map(outcomes.map(({ status }) => [status, outcomes.filter((one) => one.status === status)]))
  return {
    answers: Object.fromEntries([...counts].map(([status, list]) => [status, list.length])),
    bytes: outcomes.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

const run = async (name, { title, prepare, body: made, read, times = 1 }) => {
  const { service, sql } = await openWithSql()
  try {
    const request = (path, { method = 'GET', body } = {}) =>
      new Promise((resolve) => {
        const headers = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}
        let bytes = 0
        const sent = httpRequest(service.url + path, { method, headers }, (answer) => {
          answer.on('data', (chunk) => {
            bytes += chunk.length
          })
          answer.once('close', () => resolve({ status: answer.statusCode, bytes }))
        })
        sent.once('error', (error) => resolve({ status: error.code, bytes }))
        sent.end(body)
      })
    const post = (path, body) => service.call('POST', path, body)
    const send = (path, body) => request(path, { method: 'POST', body })
    for (const needed of needs[name] ?? []) await attacks[needed].prepare({ sql, post })
    const prepared = await prepare?.({ sql, post })
    const body = made?.()
    const api = service.processes().find(({ command }) => /src\/server\.js/.test(command))
    const before = performance.now()
    const { outcome, healthz } = await watch(service.url, () =>
      Promise.all(Array.from({ length: times }, () => read({ get: (path) => request(path), send, body, prepared }))),
    )
    const seconds = (performance.now() - before) / 1000
    const after = service.processes().find(({ pid }) => pid === api.pid)
    return { name, title, ...told(outcome), seconds: Number(seconds.toFixed(2)), peakMiB: after?.peak ?? 'died', healthz }
  } finally {
    await service.stop()
  }
}

const openWithSql = async () => {
  const { service, password, port } = await open()
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'trainyard', password, database: 'postgres' })
  await client.connect()
  client.on('error', () => {})
  const stop = service.stop
  service.stop = async () => {
    await client.end().catch(() => {})
    await stop()
  }
  return { service, sql: async (text) => (await client.query(text)).rows }
}

const results = []
for (const [name, attack] of Object.entries(attacks)) {
  if (values.only && !values.only.split(',').includes(name)) continue
  results.push(await run(name, attack))
  console.log(JSON.stringify(results.at(-1)))
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
