#!/usr/bin/env node
/**
 * What one hostile client does to the others: each attack on a fresh service, `/healthz` asked every 10 ms meanwhile.
 *
 *   node bench/hostile.mjs [ATTACK]...      all of them unless named
 *
 * Prints a line of JSON an attack: answers by status, milliseconds, quantiles of `/healthz`, and the API's peak memory (Linux).
 * Needs a build (`npm run build`). Starts the service in a folder of its own.
 */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startService, summary } from './service.mjs'

const mebi = 2 ** 20
const row = `[${Array.from({ length: 10 }, (_, at) => Math.sin(at + 1)).join(',')}],`

/** A table of about so many bytes. */
const table = (bytes) => {
  const rows = Math.floor(bytes / (row.length + 4))
  return Buffer.from(`{"features":[${row.repeat(rows).slice(0, -1)}],"labels":[${'[1],'.repeat(rows).slice(0, -1)}]}`)
}

const fields = (bytes) => {
  const texts = []
  for (let at = 0, length = 0; length < bytes; at++) length += texts[texts.push(`"field${at}":1`) - 1].length + 1
  return Buffer.from(`{${texts.join(',')}}`)
}

const weights = (count) => {
  const values = Array.from({ length: count }, (_, at) => Math.sin(at).toFixed(9)).join(',')
  return Buffer.from(
    `{"dataset":{"synthetic":{"kind":"linear","weights":[1],"bias":0,"examples":10}},"model":{"layers":[{"type":"dense","units":${count}},{"type":"dense","units":1}],"initialWeights":{"layers.0.weight":{"shape":[1,${count}],"values":[${values}]}}},"loss":{"type":"mse"},"optimizer":{"type":"sgd","learningRate":0.1},"training":{"epochs":1,"batchSize":5}}`,
  )
}

const attacks = {
  'three tables': { path: '/v1/datasets', times: 3, body: () => table(60 * mebi) },
  'ten tables': { path: '/v1/datasets', times: 10, body: () => table(60 * mebi) },
  'unknown fields': { path: '/v1/jobs', times: 1, body: () => fields(36 * mebi) },
  brackets: { path: '/v1/jobs', times: 1, body: () => Buffer.alloc(40 * mebi, '[') },
  'initial weights': { path: '/v1/jobs', times: 1, body: () => weights(mebi) },
}

/** Sends a request; gives its status, or the code of what went wrong. */
const send = (url, { method = 'GET', body } = {}) =>
  new Promise((resolve) => {
    const headers = body ? { 'content-type': 'application/json', 'content-length': body.length } : {}
    const sent = request(url, { method, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode))
    })
    sent.once('error', (error) => resolve(error.code))
    sent.end(body)
  })

/** Asks `/healthz` until told to stop. */
const watchHealth = (url) => {
  const times = []
  let stopped = false
  const loop = (async () => {
    while (!stopped) {
      const from = performance.now()
      await send(`${url}/healthz`)
      times.push(performance.now() - from)
      await sleep(10)
    }
  })()
  return async () => {
    stopped = true
    await loop
    return summary(times)
  }
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(attacks)) {
  const { path, times, body } = attacks[name]
  const bytes = body()
  const service = await startService()
  await send(`${service.url}/healthz`)
  const stop = watchHealth(service.url)
  const from = performance.now()
  const answers = await Promise.all(Array.from({ length: times }, () => send(service.url + path, { method: 'POST', body: bytes })))
  const milliseconds = Math.round(performance.now() - from)
  const health = await stop()
  const api = service.processes().find(({ command }) => /server\.js/.test(command))
  console.log(JSON.stringify({ attack: name, answers, milliseconds, health, peakMiB: api?.peak ?? null }))
  await service.stop()
}
