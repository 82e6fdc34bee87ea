#!/usr/bin/env node
/**
 * What one client that asks for much costs everybody else: the most memory that the API held, and how long `/healthz` took
 * meanwhile (Linux).
 *
 *   node bench/under-attack.mjs [--only NAME] [--json FILE]
 *
 * Needs a build (`npm run build`). Starts the service in a folder of its own, and stores much in its database.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startService, summary } from './service.mjs'

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } })

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  // No worker here has a GPU: nothing is trained beside what is measured.
  device: 'gpu',
  training: { epochs: 1, batchSize: 10, seed: 1 },
}

/** A config with a million weights to start from: 12 MiB or more of JSON. */
const heavy = (() => {
  const values = Array.from({ length: 1_000_000 }, (_, at) => Math.sin(at))
  const model = { layers: [{ type: 'dense', units: 500_000 }], initialWeights: { 'layers.0.weight': { shape: [2, 500_000], values } } }
  return { ...config, dataset: { synthetic: { kind: 'moons', examples: 10 } }, loss: { type: 'crossEntropy' }, model }
})()

/** Each attack: what is stored beforehand, and what is then asked for. */
const attacks = {
  jobs: {
    title: 'a page of 25 jobs with 12 MiB of initial weights each',
    prepare: async ({ sql, post }) => {
      const job = await post('/v1/jobs', config)
      const model = `jsonb_build_object('layers', config->'model'->'layers', 'initialWeights', jsonb_build_object('layers.0.weight',
        jsonb_build_object('shape', '[2, 500000]'::jsonb, 'values', (select jsonb_agg(round(random()::numeric, 10)) from generate_series(1, 1000000)))))`
      await sql(`create table heavy as select jsonb_set(config, '{model}', ${model}) as config from "Job" where id = '${job.id}'`)
      await sql(`insert into "Job" (id, tenant, status, config, "datasetId", epochs)
        select 'job_' || lpad(n::text, 26, '0'), tenant, 'cancelled', heavy.config, "datasetId", epochs from "Job", heavy, generate_series(1, 25) as n
        where id = '${job.id}'`)
      await sql(`update "Job" set summary = jsonb_build_object('config', config #- '{model,initialWeights,layers.0.weight,values}',
        'omitted', '["/config/model/initialWeights/layers.0.weight/values"]'::jsonb) where id < 'job_00000000000000000000000101'`).catch(
        () => {},
      )
    },
    read: ({ get }) => get('/v1/jobs?limit=100'),
  },
  epochs: {
    title: '1,000,000 epochs of one job',
    prepare: async ({ sql, post }) => {
      const { id } = await post('/v1/jobs', config)
      await sql(`insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "learningRate", "gradientNorm", seconds)
        select '${id}', n, 1.0 / n, random(), 0.1, random(), 0.01 from generate_series(1, 1000000) as n`)
      await sql(`update "Job" set epoch = 1000000 where id = '${id}'`)
      return id
    },
    read: ({ get, prepared }) => get(`/v1/jobs/${prepared}/epochs`),
  },
  curve: {
    title: 'the same thinned out to 1,000 points',
    prepare: async ({ sql }) => (await sql('select "jobId" from "Epoch" limit 1'))[0].jobId,
    read: ({ get, prepared }) => get(`/v1/jobs/${prepared}/epochs?maxPoints=1000`),
  },
  datasets: {
    title: 'a page of 20 datasets of 50,000 columns',
    prepare: async ({ sql, post }) => {
      const { id } = await post('/v1/datasets', { features: [[1], [2]], labels: [[1], [2]] })
      await sql(`create table wide as select jsonb_agg(jsonb_build_object('name', 'column ' || n, 'role', 'feature', 'type', 'number', 'min', 0.25, 'max',
        1.5, 'mean', 0.75, 'std', 0.5)) as columns from generate_series(1, 50000) as n`)
      await sql(`insert into "Dataset" (id, tenant, kind, columns, rows, "inputShape", "contentHash")
        select 'ds_' || lpad(n::text, 26, '0'), tenant, kind, wide.columns, 1, '{}', 'x' from "Dataset", wide, generate_series(1, 20) as n where id = '${id}'`)
      await sql(
        `update "Dataset" set summary = jsonb_build_object('columns', jsonb_path_query_array(columns, '$[0 to 99]'), 'synthetic', null,
        'omitted', '["/columns"]'::jsonb) where contentHash = 'x'`.replace('contentHash', '"contentHash"'),
      ).catch(() => {})
    },
    read: ({ get }) => get('/v1/datasets?limit=100'),
  },
  batch: {
    title: 'a mini-batch of 10,000 rows of 5,000 columns',
    prepare: async ({ post }) =>
      (await post('/v1/datasets', { synthetic: { kind: 'linear', weights: Array.from({ length: 4999 }, () => 1), examples: 20_000 } })).id,
    read: ({ get, prepared }) => get(`/v1/datasets/${prepared}/batch?batchSize=10000`),
  },
  'batch-allowed': {
    title: 'the largest mini-batch of them that is given, 500 rows',
    prepare: async ({ sql }) => (await sql(`select id from "Dataset" where rows = 20000`))[0].id,
    read: ({ get, prepared }) => get(`/v1/datasets/${prepared}/batch?batchSize=500`),
  },
  nested: {
    title: 'a sweep whose values nest 3,300 deep',
    read: ({ send }) => {
      const deep = `${'['.repeat(3300)}${']'.repeat(3300)}`
      return send('/v1/sweeps', `{"base": ${JSON.stringify(config)}, "grid": {"metrics": [${deep}]}}`)
    },
  },
  index: {
    title: 'a sweep over `model.layers.1000000.units`',
    read: ({ send }) => send('/v1/sweeps', JSON.stringify({ base: config, grid: { 'model.layers.1000000.units': [1] } })),
  },
  huge: {
    title: 'a sweep over `model.layers.99999999.units`',
    read: ({ send }) => send('/v1/sweeps', JSON.stringify({ base: config, grid: { 'model.layers.99999999.units': [1] } })),
  },
  names: {
    title: 'a sweep of 200 points on a base with 250,000 values',
    read: ({ send }) => {
      const layers = [{ type: 'dense', units: 125_000 }]
      const values = heavy.model.initialWeights['layers.0.weight'].values.slice(0, 250_000)
      const base = { ...heavy, model: { layers, initialWeights: { 'layers.0.weight': { shape: [2, 125_000], values } } } }
      return send('/v1/sweeps', JSON.stringify({ base, grid: { 'training.epochs': Array.from({ length: 200 }, (_, at) => at + 1) } }))
    },
  },
  weights: {
    title: 'a sweep of 200 points on a base with 1,000,000 initial weights',
    read: ({ send }) =>
      send('/v1/sweeps', JSON.stringify({ base: heavy, grid: { 'training.epochs': Array.from({ length: 200 }, (_, at) => at + 1) } })),
  },
}

/** The service, its database, and its API process. */
const open = async () => {
  const service = await startService()
  const pointer = join(service.dataDir, 'postgres.json')
  const folder = existsSync(pointer)
    ? resolve(service.dataDir, JSON.parse(readFileSync(pointer, 'utf8')).folder)
    : join(service.dataDir, 'postgres')
  const password = readFileSync(join(folder, 'password'), 'utf8').trim()
  const port = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[3])
  return { service, password, port }
}

/** Milliseconds of `/healthz`, asked every 10 ms while `work` runs; what takes over 60 s counts as 60 s. */
const watch = async (url, work) => {
  const times = []
  let over = false
  const ask = async () => {
    const started = performance.now()
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(60_000) })
      .then((answer) => answer.arrayBuffer())
      .catch(() => {})
    times.push(performance.now() - started)
  }
  const asking = (async () => {
    const all = []
    while (!over) {
      all.push(ask())
      await sleep(10)
    }
    await Promise.all(all)
  })()
  const outcome = await work().catch((error) => ({ status: error.cause?.code ?? error.message, bytes: 0 }))
  over = true
  await asking
  return { outcome, healthz: summary(times) }
}

const run = async (name, { title, prepare, read }) => {
  const { service, sql } = await openWithSql()
  try {
    const request = async (path, init) => {
      const answer = await fetch(service.url + path, init)
      let bytes = 0
      for await (const chunk of answer.body ?? []) bytes += chunk.length
      return { status: answer.status, bytes }
    }
    const post = (path, body) => service.call('POST', path, body)
    const send = (path, body) => request(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    for (const needed of needs[name] ?? []) await attacks[needed].prepare({ sql, post })
    const prepared = await prepare?.({ sql, post })
    const api = service.processes().find(({ command }) => /src\/server\.js/.test(command))
    const before = performance.now()
    const { outcome, healthz } = await watch(service.url, () => read({ get: (path) => request(path), send, prepared }))
    const seconds = (performance.now() - before) / 1000
    const after = service.processes().find(({ pid }) => pid === api.pid)
    return { name, title, ...outcome, seconds: Number(seconds.toFixed(2)), peakMiB: after?.peak ?? 'died', healthz }
  } finally {
    await service.stop()
  }
}

const needs = { curve: ['epochs'], 'batch-allowed': ['batch'] }

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
