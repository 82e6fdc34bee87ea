#!/usr/bin/env node
/**
 * Whether the worker's memory stays flat: jobs of five shapes in turn, one after the other, and the resident memory of
 * each process every fiftieth job (Linux).
 *
 *   node bench/memory.mjs [JOBS] [--distinct] [--json FILE]      --distinct: no two jobs have the same shape
 *
 * Growth per 100 jobs is the slope of a straight line through the samples of the second half, when everything is warm.
 * Needs a build (`npm run build`). Starts the service in a folder of its own.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ended, root, startService } from './service.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { distinct: { type: 'boolean', default: false }, json: { type: 'string' } },
})
const jobs = Number(positionals[0] ?? 500)
if (!Number.isInteger(jobs) || jobs < 100) throw new Error('JOBS must be a whole number from 100 on')
const every = 50

const roles = { worker: /workers\/worker\.js/, trainingChild: /training\.child/, callsChild: /calls\.child/, api: /src\/server\.js/ }

const notebook = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
const dense = (units, activation = 'linear') => ({ type: 'dense', units, activation })
const blobs = { kind: 'blobs', examples: 2000, seed: 1 }

/** An upload of `rows` images of 8×8 and their classes. */
const images = (rows) => ({
  features: Array.from({ length: rows }, (_, row) => Array.from({ length: 64 }, (_, pixel) => Math.sin(row * 64 + pixel))),
  labels: Array.from({ length: rows }, (_, row) => [row % 10]),
  inputShape: [8, 8, 1],
})

/** The five shapes; `extra` makes a shape of its own of each. */
const shapes = (imagesId) => [
  () => notebook,
  (extra) => ({
    dataset: { synthetic: blobs },
    model: { layers: [dense(64 + extra, 'relu'), { type: 'dropout', p: 0.2 }, dense(3)] },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'adam' },
    metrics: ['accuracy'],
    training: { epochs: 3, batchSize: 32, validationSplit: 0.2 },
  }),
  (extra) => ({
    dataset: { id: imagesId },
    model: {
      layers: [
        { type: 'conv2d', filters: 4 + extra, kernelSize: 3, activation: 'relu' },
        { type: 'maxPool2d', poolSize: 2 },
        { type: 'flatten' },
        dense(10),
      ],
    },
    loss: { type: 'crossEntropy' },
    optimizer: { type: 'sgd', learningRate: 0.01, momentum: 0.9 },
    training: { epochs: 2, batchSize: 20 },
  }),
  (extra) => ({
    dataset: { synthetic: { kind: 'friedman1', examples: 5000, seed: 2 } },
    model: { layers: [dense(128 + extra, 'tanh'), dense(64, 'tanh'), dense(1)] },
    loss: { type: 'huber' },
    optimizer: { type: 'rmsprop' },
    preprocessing: { standardize: true },
    earlyStopping: { patience: 2 },
    training: { epochs: 3, batchSize: 64, validationSplit: 0.1 },
  }),
  // Few steps: not worth a graph, so operation by operation.
  (extra) => ({
    dataset: { synthetic: { kind: 'sine', examples: 300, seed: 3 } },
    model: { layers: [dense(16 + extra, 'relu'), { type: 'batchNorm' }, dense(1)] },
    loss: { type: 'mse' },
    optimizer: { type: 'adamw' },
    training: { epochs: 3, batchSize: 50 },
  }),
]

const runJob = async (service, config) => {
  let job = await service.call('POST', '/v1/jobs', config)
  while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?wait=30`)
  if (job.status !== 'succeeded') throw new Error(`a job ${job.status}: ${JSON.stringify(job.error)}`)
  return job.engine
}

/** Resident MiB by role; several processes of a role add up. The child's id tells whether it was replaced. */
const sample = (service, done) => {
  const processes = service.processes()
  const of = (role) => processes.filter(({ command }) => roles[role].test(command))
  const sizes = Object.keys(roles).map((role) => [role, of(role).reduce((sum, { resident }) => sum + resident, 0)])
  return { jobs: done, ...Object.fromEntries(sizes), childIds: of('trainingChild').map(({ pid }) => pid) }
}

/** MiB per 100 jobs: the slope of the straight line through the samples, by least squares. */
const growth = (samples, role) => {
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const [at, size] = [mean(samples.map(({ jobs }) => jobs)), mean(samples.map((each) => each[role]))]
  const covariance = mean(samples.map((each) => (each.jobs - at) * (each[role] - size)))
  return Number(((100 * covariance) / mean(samples.map(({ jobs }) => (jobs - at) ** 2))).toFixed(2))
}

const service = await startService()
try {
  const { id } = await service.call('POST', '/v1/datasets', images(1000))
  const makers = shapes(id)
  const engines = new Map()
  const samples = []
  for (let index = 0; index < jobs; index++) {
    const at = index % makers.length
    const engine = await runJob(service, makers[at](values.distinct ? Math.floor(index / makers.length) : 0))
    engines.set(at, `${engine.name} on ${engine.backend}`)
    if ((index + 1) % every === 0) samples.push(sample(service, index + 1))
    if ((index + 1) % every === 0) console.error(JSON.stringify(samples.at(-1)))
  }
  const warm = samples.filter(({ jobs: done }) => done >= jobs / 2)
  const report = {
    node: process.version,
    distinct: values.distinct,
    engines: [...engines.values()],
    childReplaced: new Set(samples.flatMap(({ childIds }) => childIds)).size > 1,
    growthMiBPer100Jobs: Object.fromEntries(Object.keys(roles).map((role) => [role, growth(warm, role)])),
    samples,
  }
  console.log(JSON.stringify(report, null, 2))
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await service.stop()
}
