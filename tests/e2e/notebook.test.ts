/** The notebook, over HTTP, from another process: what it prints in its cells a client reads back here. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { Dataset, Job, Json } from '../support/e2e/api.ts'
import { type Product, root } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'

let product: Product
before(async () => {
  product = await sharedProduct()
})

const example = async (name: string): Promise<Json> => JSON.parse(await readFile(join(root, 'examples', `${name}.json`), 'utf8'))

test('a health check answers, and readiness says that the database is there', async () => {
  assert.equal((await product.api.call('GET', '/healthz')).status, 200)
  assert.equal((await product.api.call('GET', '/readyz')).status, 200)
})

test('a job is accepted at once, with its place, a hint when to look again and the whole job', async () => {
  const answer = await product.api.call<Job>('POST', '/v1/jobs', await example('linear-regression-concise'))
  assert.equal(answer.status, 202)
  assert.equal(answer.headers.get('location'), `/v1/jobs/${answer.body.id}`)
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
  assert.match(answer.body.id, /^job_[0-9a-z]{26}$/)
  assert.equal(answer.body.error, null)
  assert.equal((await product.api.ended(answer.body.id)).status, 'succeeded')
})

test('the notebook reaches a loss below 2e-4 in three epochs, and finds the weights that made the data', async () => {
  const job = await product.api.train(await example('linear-regression-concise'))
  assert.deepEqual([job.progress.epoch, job.progress.epochs, job.progress.fraction], [3, 3, 1])
  assert.equal(job.result?.epochs, 3)
  assert.ok(Number(job.result?.loss) < 2e-4, `loss ${job.result?.loss}`)
  const errors = [...(job.result?.estimationError?.weights ?? []), job.result?.estimationError?.bias]
  assert.equal(errors.length, 3)
  for (const error of errors) assert.ok(Math.abs(Number(error)) < 2e-3, `estimation error ${error}`)

  const epochs = await product.api.epochs(job.id)
  assert.deepEqual(
    epochs.map((row) => row.epoch),
    [1, 2, 3],
  )
  assert.ok(Number(epochs[0]?.loss) > Number(epochs[2]?.loss) && Number(epochs[0]?.loss) < 0.01)
  assert.equal(epochs[2]?.loss, job.result?.loss)
  for (const row of epochs) {
    assert.equal(row.learningRate, 0.03)
    assert.ok(Number(row.batchLoss) >= 0 && row.seconds >= 0 && Number(row.gradientNorm) > 0)
  }
})

test('gradients and weights of all three epochs are kept, with shapes and norms that fit their values', async () => {
  const job = await product.api.train(await example('linear-regression-concise'))
  const gradients = await product.api.gradients(job.id)
  assert.deepEqual(
    gradients.map((one) => [one.epoch, one.parameter, one.shape]),
    [1, 2, 3].flatMap((epoch) => [
      [epoch, 'layers.0.weight', [2, 1]],
      [epoch, 'layers.0.bias', [1]],
    ]),
  )
  for (const { values, norm } of gradients) assert.ok(Math.abs(Math.hypot(...values) - norm) <= 1e-5 * Math.max(1e-3, norm))

  const norms = await product.api.gradients(job.id, '?epoch=2&parameter=layers.0.weight&reduce=norm')
  assert.equal(norms.length, 1)
  assert.equal(norms[0]?.norm, gradients[2]?.norm)
  assert.ok(!norms[0]?.values)

  for (const epoch of [1, 2, 3]) {
    const { parameters } = await product.api.weights(job.id, `?epoch=${epoch}`)
    assert.deepEqual(
      parameters.map((one) => [one.name, one.shape, one.values.length]),
      [
        ['layers.0.weight', [2, 1], 2],
        ['layers.0.bias', [1], 1],
      ],
    )
  }
  const last = await product.api.weights(job.id)
  assert.equal(last.epoch, 3)
  const [w0, w1] = last.parameters[0]?.values ?? []
  const bias = last.parameters[1]?.values[0]
  const { weights: errors, bias: biasError } = job.result?.estimationError ?? { weights: [], bias: Number.NaN }
  for (const [truth, learned, error] of [
    [2, w0, errors[0]],
    [-3.4, w1, errors[1]],
    [4.2, bias, biasError],
  ] as const)
    assert.ok(Math.abs(truth - Number(learned) - Number(error)) < 1e-6, 'the error is the true value less the learned one')
})

test('the other form of the notebook, ten epochs at a learning rate of 0.01, ends as low', async () => {
  const config = await example('linear-regression-ten-epochs')
  const job = await product.api.train(config)
  const losses = (await product.api.epochs(job.id)).map((row) => Number(row.loss))
  assert.equal(losses.length, 10)
  assert.ok(Number(losses[0]) > 0.05, 'after one epoch at this rate the loss is still high')
  assert.ok(Number(losses[9]) < 2e-4, `loss ${losses[9]}`)
})

test('one seed gives one result, to the bit, and another seed another', async () => {
  const config = await example('linear-regression-concise')
  const [first, second, third] = [
    await product.api.train(config),
    await product.api.train(config),
    await product.api.train({ ...config, training: { ...(config.training as Json), seed: 7 } }),
  ]
  const bits = async (job: Job) => [
    (await product.api.epochs(job.id)).map((row) => row.loss),
    await product.api.gradients(job.id),
    (await product.api.weights(job.id)).parameters,
  ]
  assert.deepEqual(await bits(first), await bits(second))
  assert.notDeepEqual(await bits(first), await bits(third))
})

test('what is left out of a config is chosen by the service and told', async () => {
  const config = { ...(await example('linear-regression-concise')), training: { epochs: 1, batchSize: 10 }, record: undefined }
  const job = await product.api.train(config)
  const { training, record, loss } = job.config as Json & { training: Json }
  assert.deepEqual(
    { ...training, seed: 0 },
    { epochs: 1, batchSize: 10, shuffle: true, dropLast: false, seed: 0, ...pick(training, 'validationSplit') },
  )
  assert.ok(Number.isInteger(training.seed))
  assert.deepEqual(record, { gradients: 'full', weights: 'last' })
  assert.deepEqual(loss, { type: 'mse', reduction: 'mean' })
})

test('the events of a job are numbered from one without gaps and tell its story', async () => {
  const job = await product.api.train(await example('linear-regression-concise'))
  const events = await product.api.events(job.id)
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, index) => index + 1),
  )
  const types = events.map((event) => event.type)
  assert.equal(types[0], 'queued')
  assert.equal(types.at(-1), 'succeeded')
  assert.ok(types.includes('started'))
  assert.deepEqual(
    events.filter((event) => event.type === 'epoch').map((event) => event.data.epoch),
    [1, 2, 3],
  )
})

test('one mini-batch of a dataset can be looked at, as the notebook does, and its seed repeats it', async () => {
  const { dataset } = await example('linear-regression-concise')
  const created = await product.api.upload(dataset as Json)
  assert.equal(created.rows, 1000)
  const batch = async (seed: number) => {
    const path = `/v1/datasets/${created.id}/batch?batchSize=10&seed=${seed}`
    const { features, labels } = await product.api.get<{ features: number[][]; labels: number[][] }>(path)
    return { features, labels }
  }
  const { features, labels } = await batch(1)
  assert.deepEqual([features.length, features[0]?.length, labels.length, labels[0]?.length], [10, 2, 10, 1])
  for (const [index, row] of features.entries()) {
    const label = 2 * Number(row[0]) - 3.4 * Number(row[1]) + 4.2
    assert.ok(Math.abs(Number(labels[index]?.[0]) - label) < 0.06, 'a label is the linear function plus a little noise')
  }
  assert.deepEqual(await batch(1), { features, labels })
  assert.notDeepEqual(await batch(2), { features, labels })
  const described = await product.api.get<Dataset>(`/v1/datasets/${created.id}`)
  assert.equal(described.columns.length, 3)
})

test('the addresses that a reader needs are there: the OpenAPI file, its pages and the catalog', async () => {
  const openapi = await product.api.get<{ openapi: string; paths: Json }>('/openapi.json')
  assert.match(openapi.openapi, /^3\.1\./)
  for (const path of ['/v1/jobs', '/v1/datasets', '/v1/jobs/{id}/weights', '/v1/catalog']) assert.ok(openapi.paths[path], path)
  assert.equal((await product.api.call('GET', '/docs')).status, 200)
  const catalog = await product.api.get<Json>('/v1/catalog')
  for (const kind of ['losses', 'initializers', 'activations', 'layers', 'optimizers'])
    assert.ok(catalog[kind], `the catalog lists ${kind}`)
})

const pick = (from: Json, name: string): Json => (name in from ? { [name]: from[name] } : {})
