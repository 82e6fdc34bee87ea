/**
 * What one hostile client asks for, most of it found by attacking the first release: what is stored beforehand (`prepare`), what is sent (`body`, made before
 * anything is measured), and how it is asked for (`read`), `times` of it at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  // No worker here has a GPU: nothing is trained beside what is measured.
  device: 'gpu',
  training: { epochs: 1, batchSize: 10, seed: 1 },
}

/** A config that starts from size × size weights that it brings along: 20 MiB of JSON at 1,000. */
const startingFrom = (size) => ({
  ...config,
  dataset: { synthetic: { kind: 'linear', weights: Array.from({ length: size }, () => 1), examples: 10 } },
  model: {
    layers: [{ type: 'dense', units: size }, ...config.model.layers],
    initialWeights: { 'layers.0.weight': { shape: [size, size], values: Array.from({ length: size * size }, (_, at) => Math.sin(at)) } },
  },
})

const grid = { 'training.epochs': Array.from({ length: 200 }, (_, at) => at + 1) }

/** A table of about so many bytes. */
const table = (bytes) => {
  const row = `[${Array.from({ length: 10 }, (_, at) => Math.sin(at + 1)).join(',')}],`
  const rows = Math.floor(bytes / (row.length + 4))
  return Buffer.from(`{"features":[${row.repeat(rows).slice(0, -1)}],"labels":[${'[1],'.repeat(rows).slice(0, -1)}]}`)
}

const unknownFields = (bytes) => {
  const texts = []
  for (let length = 0; length < bytes; ) length += texts[texts.push(`"field${texts.length}":1`) - 1].length + 1
  return Buffer.from(`{${texts.join(',')}}`)
}

const mebi = 2 ** 20
const toSweeps = ({ send, body }) => send('/v1/sweeps', body)
const toJobs = ({ send, body }) => send('/v1/jobs', body)
const toDatasets = ({ send, body }) => send('/v1/datasets', body)

export const attacks = {
  nothing: { title: 'nothing, for three seconds', read: () => sleep(3000, { status: 'none', bytes: 0 }) },
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
      // As the server does by itself while a job trains.
      await sql('analyze "Epoch"')
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
    body: () => `{"base": ${JSON.stringify(config)}, "grid": {"metrics": [${'['.repeat(3300)}${']'.repeat(3300)}]}}`,
    read: toSweeps,
  },
  index: {
    title: 'a sweep over `model.layers.1000000.units`',
    body: () => JSON.stringify({ base: config, grid: { 'model.layers.1000000.units': [1] } }),
    read: toSweeps,
  },
  huge: {
    title: 'a sweep over `model.layers.99999999.units`',
    body: () => JSON.stringify({ base: config, grid: { 'model.layers.99999999.units': [1] } }),
    read: toSweeps,
  },
  names: {
    title: 'a sweep of 200 points on a base with 250,000 values',
    body: () => JSON.stringify({ base: startingFrom(500), grid }),
    read: toSweeps,
  },
  weights: {
    title: 'a sweep of 200 points on a base with 1,000,000 initial weights',
    body: () => JSON.stringify({ base: startingFrom(1000), grid }),
    read: toSweeps,
  },
  'start-weights': {
    title: 'a job that brings 1,000,000 initial weights along',
    body: () => JSON.stringify(startingFrom(1000)),
    read: toJobs,
  },
  fields: { title: '36 MiB of unknown fields as a job', body: () => unknownFields(36 * mebi), read: toJobs },
  brackets: { title: '40 MiB of brackets as a job', body: () => Buffer.alloc(40 * mebi, '['), read: toJobs },
  'three-tables': { title: '3 tables of 60 MiB of JSON at once', body: () => table(60 * mebi), read: toDatasets, times: 3 },
  'ten-tables': { title: '10 tables of 60 MiB of JSON at once', body: () => table(60 * mebi), read: toDatasets, times: 10 },
}

/** What an attack reads that another one stored. */
export const needs = { curve: ['epochs'], 'batch-allowed': ['batch'] }
