#!/usr/bin/env node
/**
 * How fast a CSV of numbers becomes a dataset, from POST to 201, and what that costs everybody else: the memory of the API above
 * what it holds idle, and how long `/healthz`, asked every 10 ms by another process, took meanwhile (Linux). Beside it, in the same
 * run and each with bytes of its own: psql's \copy into a table of the same database, udsv and pandas, which only read.
 *
 *   node bench/ingest.mjs [--rows 1000000] [--columns 10] [--rounds 5] [--udsv FOLDER] [--python PATH] [--json FILE]
 *
 * `--udsv` is a folder in which udsv was installed, `--python` an interpreter with pandas; both are left out unless given.
 * Needs a build (`npm run build`) and psql. Starts the service in a folder of its own.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { embeddedDatabase, startService, summary } from './service.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    columns: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    udsv: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
  },
})
const [rows, columns, rounds] = [values.rows, values.columns, values.rounds].map(Number)
const folder = await mkdtemp(join(tmpdir(), 'trainyard-ingest-'))
const names = Array.from({ length: columns }, (_, at) => `c${at + 1}`)

/** A file of its own: numbers between -100 and 100 with six decimals. */
const makeFile = async (name) => {
  const path = join(folder, name)
  const file = await open(path, 'w')
  const random = () => (Math.random() * 200 - 100).toFixed(6)
  await file.write(`${names.join(',')}\n`)
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - from) }, () => names.map(random).join(','))
    await file.write(`${lines.join('\n')}\n`)
  }
  await file.close()
  return path
}

/** Seconds that work took. */
const timed = async (work) => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

const upload = (url, path) =>
  new Promise((done, failed) => {
    const headers = { 'content-type': 'text/csv', 'content-length': statSync(path).size }
    const call = request(`${url}/v1/datasets`, { method: 'POST', headers }, async (response) => {
      const body = JSON.parse(Buffer.concat(await response.toArray()).toString())
      if (response.statusCode === 201 && body.rows === rows) done(body)
      else failed(new Error(`${response.statusCode} ${JSON.stringify(body)}`))
    })
    call.once('error', failed)
    createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(call)
  })

const run = async (command, args, input = '') => {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'], env: { ...process.env, PGPASSWORD: database.password } })
  child.stdin.end(input)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
}

const service = await startService()
const database = await embeddedDatabase(service.dataDir)
const psql = (sql) =>
  run('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(database.port), '-U', 'trainyard', '-d', 'postgres'], sql)

const copy = async (path) => {
  await psql(`create unlogged table copied (${names.map((name) => `${name} real`).join(', ')}); alter table copied set logged;`)
  const seconds = await timed(() => psql(`\\copy copied from '${path}' with (format csv, header true)\n`))
  await psql('drop table copied;')
  return seconds
}

/** In a process of its own, which tells how long it took without its start. */
const readAlone = async (command, args) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [text] = await Promise.all([child.stdout.toArray(), once(child, 'exit')])
  return Number(Buffer.concat(text).toString())
}
const udsv = `
const { inferSchema, initParser } = require(process.argv[1])
const started = performance.now()
const text = require('node:fs').readFileSync(process.argv[2], 'utf8')
const parser = initParser(inferSchema(text))
const rows = parser.typedArrs(text)
console.log((performance.now() - started) / 1000)`
const pandas = `
import sys, time
import numpy, pandas
started = time.perf_counter()
pandas.read_csv(sys.argv[1], dtype=numpy.float32)
print(time.perf_counter() - started)`

const api = () => service.processes().find(({ command }) => /src\/server\.js/.test(command))

/** Uploads while another process asks whether the service is well, and its memory is looked at. */
const measureUpload = async (path) => {
  const watcher = fork(join(import.meta.dirname, 'healthz-watch.mjs'), [service.url])
  await once(watcher, 'message')
  const idle = api().resident
  let peak = idle
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      peak = Math.max(peak, api().resident)
      await sleep(100)
    }
  })()
  const seconds = await timed(() => upload(service.url, path))
  isOver = true
  await looking
  watcher.send('stop')
  const [times] = await once(watcher, 'message')
  return { seconds, idle, peak, health: summary(times) }
}

try {
  const results = []
  let megabytes = 0
  for (let round = 0; round < rounds; round++) {
    const file = await makeFile('service.csv')
    megabytes = statSync(file).size / 1e6
    const trainyard = await measureUpload(file)
    const others = {
      'psql \\copy': await copy(await makeFile('copy.csv')),
      ...(values.udsv
        ? { udsv: await readAlone(process.execPath, ['-e', udsv, resolve(values.udsv, 'node_modules/udsv'), await makeFile('udsv.csv')]) }
        : {}),
      ...(values.python ? { pandas: await readAlone(values.python, ['-c', pandas, await makeFile('pandas.csv')]) } : {}),
    }
    results.push({ trainyard, others })
    console.error(JSON.stringify(results.at(-1)))
  }
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
  const speed = (seconds) => Number((megabytes / median(seconds)).toFixed(1))
  const report = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    load: loadavg().map((value) => Number(value.toFixed(1))),
    file: `${rows} x ${columns} numbers, ${megabytes.toFixed(0)} MB`,
    rounds,
    megabytesPerSecond: {
      trainyard: speed(results.map(({ trainyard }) => trainyard.seconds)),
      ...Object.fromEntries(Object.keys(results[0].others).map((name) => [name, speed(results.map(({ others }) => others[name]))])),
    },
    memoryAboveIdleMiB:
      Math.max(...results.map(({ trainyard }) => trainyard.peak)) - Math.min(...results.map(({ trainyard }) => trainyard.idle)),
    healthzMs: results.map(({ trainyard }) => trainyard.health),
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
}
