/** A job's life as a client steers it: looking, waiting, listing, stopping, deleting. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Dataset, Job, Json, Page, Problem } from '../support/e2e/api.ts'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

let product: Product
before(async () => {
  product = await startProduct()
})
after(() => discard(product))

const linear = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 }
const quick = {
  dataset: { synthetic: linear },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 1, batchSize: 10, seed: 1 },
}
/** A job that would run for minutes. */
const endless = { ...quick, dataset: { synthetic: { ...linear, examples: 20_000 } }, training: { epochs: 5000, batchSize: 10, seed: 1 } }

test('a config can be checked without creating anything', async () => {
  const before = (await product.api.get<Page<Job>>('/v1/jobs')).data.length
  const answer = await product.api.call<Json>('POST', '/v1/jobs?validateOnly=true', quick)
  assert.equal(answer.status, 200)
  assert.equal(answer.body.parameterCount, 3)
  assert.equal(answer.body.stepsPerEpoch, 100)
  assert.equal((await product.api.get<Page<Job>>('/v1/jobs')).data.length, before)
  assert.equal((await product.api.get<Page<Dataset>>('/v1/datasets')).data.length, 0)
})

test('dropLast leaves the short batch out of an epoch', async () => {
  const steps = async (training: Json) =>
    (await product.api.call<Json>('POST', '/v1/jobs?validateOnly=true', { ...quick, training })).body.stepsPerEpoch
  assert.equal(await steps({ epochs: 1, batchSize: 300, seed: 1 }), 4)
  assert.equal(await steps({ epochs: 1, batchSize: 300, seed: 1, dropLast: true }), 3)
})

test('a running job is cancelled at once, keeps what it has and stays cancelled', async () => {
  const { id } = await product.api.submit(endless)
  await product.api.until(id, (job) => job.progress.epoch >= 1)
  const answer = await product.api.call<Job>('POST', `/v1/jobs/${id}/cancel`)
  assert.equal(answer.status, 200)
  assert.ok(['cancelling', 'cancelled'].includes(answer.body.status))
  const job = await product.api.ended(id, 10)
  assert.equal(job.status, 'cancelled')
  assert.ok(job.finishedAt)
  const rows = await product.api.epochs(id)
  assert.ok(rows.length >= 1 && rows.length === job.progress.epoch)
  assert.equal((await product.api.call('POST', `/v1/jobs/${id}/cancel`)).status, 409)
  assert.ok((await product.api.events(id)).some((event) => event.type === 'cancelled'))
})

test('a job that waits for its turn is cancelled without ever starting, and tells its place until then', async () => {
  const first = await product.api.submit(endless)
  await product.api.until(first.id, (job) => job.status === 'running')
  const [second, third] = [await product.api.submit(quick), await product.api.submit(quick)]
  const place = async (job: Job) => (await product.api.get<Job>(`/v1/jobs/${job.id}`)).queue?.position
  assert.ok(Number(await place(third)) > Number(await place(second)))
  for (const job of [second, third])
    assert.equal((await product.api.call<Job>('POST', `/v1/jobs/${job.id}/cancel`)).body.status, 'cancelled')
  await product.api.call('POST', `/v1/jobs/${first.id}/cancel`)
  await product.api.ended(first.id, 10)
  assert.equal((await product.api.get<Job>(`/v1/jobs/${second.id}`)).startedAt, null)
})

test('a job is deleted with all it left behind, but not while it runs', async () => {
  const { id } = await product.api.submit(endless)
  await product.api.until(id, (job) => job.status === 'running')
  assert.equal((await product.api.call<Problem>('DELETE', `/v1/jobs/${id}`)).status, 409)
  await product.api.call('POST', `/v1/jobs/${id}/cancel`)
  await product.api.ended(id, 10)
  assert.equal((await product.api.call('DELETE', `/v1/jobs/${id}`)).status, 204)
  for (const part of ['', '/epochs', '/gradients', '/weights', '/events'])
    assert.equal((await product.api.call('GET', `/v1/jobs/${id}${part}`)).status, 404)
  assert.equal((await product.api.call('DELETE', `/v1/jobs/${id}`)).status, 404)
})

test('waiting answers when something moves, and at once when nothing can', async () => {
  const job = await product.api.train(quick)
  const started = performance.now()
  await product.api.get<Job>(`/v1/jobs/${job.id}?wait=60`)
  assert.ok(performance.now() - started < 5000, 'a finished job is not waited for')
  const { id } = await product.api.submit(quick)
  const seen = await product.api.get<Job>(`/v1/jobs/${id}?wait=60`)
  assert.ok(seen.status !== 'queued' || seen.progress.epoch > 0, 'the wait ended with a change')
  await product.api.ended(id)
})

test('jobs are listed newest first, page by page, and found by status and metadata', async () => {
  const mine = { ...quick, metadata: { owner: 'lists', run: 'a' } }
  const created = []
  for (let index = 0; index < 5; index++) created.push((await product.api.train(mine)).id)
  const other = await product.api.train({ ...quick, metadata: { owner: 'lists', run: 'b' } })

  const found: string[] = []
  let cursor: string | null = null
  do {
    const after: string = cursor ? `&after=${encodeURIComponent(cursor)}` : ''
    const page: Page<Job> = await product.api.get(`/v1/jobs?limit=2&metadata[owner]=lists&metadata[run]=a${after}`)
    assert.ok(page.data.length <= 2)
    found.push(...page.data.map((job) => job.id))
    assert.equal(page.hasMore, page.nextCursor !== null)
    cursor = page.nextCursor
  } while (cursor)
  assert.deepEqual(found, created.toReversed())

  const succeeded = await product.api.get<Page<Job>>('/v1/jobs?status=succeeded&metadata[owner]=lists')
  assert.equal(succeeded.data[0]?.id, other.id)
  assert.equal((await product.api.get<Page<Job>>('/v1/jobs?status=failed&metadata[owner]=lists')).data.length, 0)
})

test('a loss that stops being finite ends the job, and the epoch that shows it is kept', async () => {
  const { id } = await product.api.submit({
    ...quick,
    optimizer: { type: 'sgd', learningRate: 1000 },
    training: { epochs: 50, batchSize: 10, seed: 1 },
  })
  const job = await product.api.ended(id)
  assert.equal(job.status, 'failed')
  assert.equal(job.error?.code, 'LOSS_DIVERGED')
  const last = (await product.api.epochs(id)).at(-1)
  assert.ok(['NaN', 'Infinity', '-Infinity'].includes(String(last?.loss)), String(last?.loss))
})

test('only what was asked to be recorded is kept', async () => {
  const job = await product.api.train({
    ...quick,
    training: { epochs: 2, batchSize: 10, seed: 1 },
    record: { gradients: 'norm', weights: 'last' },
  })
  for (const one of await product.api.gradients(job.id)) assert.ok(one.norm > 0 && !one.values?.length)
  assert.equal((await product.api.call('GET', `/v1/jobs/${job.id}/weights?epoch=1`)).status, 404)
  assert.equal((await product.api.weights(job.id)).epoch, 2)
})

test('given weights are where training starts: with a learning rate of almost nothing they come back', async () => {
  const initialWeights = { 'layers.0.weight': { shape: [2, 1], values: [2, -3.4] }, 'layers.0.bias': { shape: [1], values: [4.2] } }
  const job = await product.api.train({
    ...quick,
    model: { ...quick.model, initialWeights },
    optimizer: { type: 'sgd', learningRate: 1e-12 },
  })
  assert.ok(Number(job.result?.loss) < 1.5e-4)
  const { parameters } = await product.api.weights(job.id)
  assert.deepEqual(
    parameters.map((one) => one.values.map((value) => Number(value.toFixed(5)))),
    [[2, -3.4], [4.2]],
  )
})

test('a dataset is deleted once no job needs it running, and its batch with it', async () => {
  const dataset = await product.api.upload({
    rows: [
      { x: 1, y: 2 },
      { x: 2, y: 4 },
    ],
  })
  assert.equal((await product.api.call('DELETE', `/v1/datasets/${dataset.id}`)).status, 204)
  assert.equal((await product.api.call('GET', `/v1/datasets/${dataset.id}`)).status, 404)
  assert.equal((await product.api.call('GET', `/v1/datasets/${dataset.id}/batch`)).status, 404)
})
