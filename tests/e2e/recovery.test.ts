/** Whatever is killed in the middle of a job, the job goes on and its results are bit-identical. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createApi, type Job } from '../support/e2e/api.ts'
import { killAt, longJob, processOf, trace } from '../support/e2e/interrupted.ts'
import { alive, kill } from '../support/e2e/processes.ts'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

let product: Product
let undisturbed: Awaited<ReturnType<typeof trace>>
before(async () => {
  product = await startProduct()
  undisturbed = await trace(product.api, (await product.api.train(longJob)).id)
})
after(() => discard(product))

/** The job ended well, after going on from a checkpoint, with the undisturbed bits. How soon is a matter of the benchmarks. */
const wentOn = async (job: Job): Promise<void> => {
  assert.equal((await product.api.ended(job.id, 60)).status, 'succeeded')
  const resumed = (await product.api.events(job.id)).find((event) => event.type === 'resumed')
  assert.ok(resumed, 'there is a resumed event')
  assert.ok(Number(resumed.data.fromEpoch) >= 1, `it went on from epoch ${resumed.data.fromEpoch}, not from the start`)
  assert.deepEqual(await trace(product.api, job.id), undisturbed)
}

describe('kill -9 in the middle of a job', () => {
  test('a job goes on after kill -9 of the training child', async () => {
    const job = await product.api.submit(longJob)
    await killAt(product, job, 4, 'child')
    await wentOn(job)
  })

  test('a job goes on after kill -9 of the worker, whose child ends itself', async () => {
    const job = await product.api.submit(longJob)
    await product.api.until(job.id, (now) => now.progress.epoch >= 4)
    const child = processOf(product, 'child')
    await killAt(product, job, 4, 'worker')
    await wentOn(job)
    assert.ok(!alive(child), 'the orphaned child is gone')
  })

  test('a job goes on after kill -9 of everything at once, the database too: the next start finds all its data', async () => {
    const job = await product.api.submit(longJob)
    await product.api.until(job.id, (now) => now.progress.epoch >= 4)
    product.killAll()
    product = await startProduct({ DATA_DIR: product.dataDir })
    await wentOn(job)
  })

  test('a job goes on after kill -9 of the supervisor alone: what it started ends itself, and the next start adopts the database', async () => {
    const job = await product.api.submit(longJob)
    await product.api.until(job.id, (now) => now.progress.epoch >= 4)
    const worker = processOf(product, 'worker')
    const [supervisor] = product.processes()
    kill(supervisor?.pid ?? 0)
    product = await startProduct({ DATA_DIR: product.dataDir })
    await wentOn(job)
    assert.ok(!alive(worker), 'the orphaned worker is gone')
  })
})

test('predictions for a dataset go on after kill -9 of everything in the middle: each row is there once, as if nothing had happened', async () => {
  const job = await product.api.train(longJob)
  const body = { dataset: { synthetic: { ...longJob.dataset.synthetic, examples: 2_000_000 } } }
  const path = `/v1/jobs/${job.id}/predictions`
  type Prediction = { id: string; status: string; progress: { rows: number }; metrics: object }
  const rowsOf = async (id: string) => {
    const found = await product.api.get<Prediction>(`/v1/predictions/${id}?wait=60`)
    assert.equal(found.status, 'succeeded')
    const text = await (await fetch(`${product.url}/v1/predictions/${id}/rows?format=csv`)).text()
    return { metrics: found.metrics, hash: createHash('sha256').update(text).digest('hex'), lines: text.split('\n').length }
  }
  const calm = await rowsOf((await product.api.call<Prediction>('POST', path, body)).body.id)
  assert.equal(calm.lines, 2_000_002)
  const { id } = (await product.api.call<Prediction>('POST', path, body)).body
  let rows = 0
  while (rows === 0) rows = (await product.api.get<Prediction>(`/v1/predictions/${id}`)).progress.rows
  assert.ok(rows < 2_000_000, 'it was killed in the middle')
  product.killAll()
  product = await startProduct({ DATA_DIR: product.dataDir })
  assert.deepEqual(await rowsOf(id), calm)
})

test('a child that dies again and again without progress ends the job as WORKER_CRASHED', async () => {
  // One epoch of two million steps: no checkpoint comes between two deaths.
  const endless = {
    ...longJob,
    dataset: { synthetic: { ...longJob.dataset.synthetic, examples: 2_000_000 } },
    training: { epochs: 1, batchSize: 1, seed: 1 },
  }
  const { id } = await product.api.submit(endless)
  for (let claims = 1; claims <= 3; claims++) {
    let job = await product.api.until(id, (now) => now.status === 'running', 30)
    while ((await product.api.events(id)).filter((event) => ['started', 'resumed'].includes(event.type)).length < claims)
      job = await product.api.get<Job>(`/v1/jobs/${job.id}?wait=1`)
    kill(processOf(product, 'child'))
  }
  const job = await product.api.ended(id, 30)
  assert.equal(job.status, 'failed')
  assert.equal(job.error?.code, 'WORKER_CRASHED')
})

test('a stop in the middle of a job hands it back, and the next start goes on with it', async () => {
  const job = await product.api.submit(longJob)
  await product.api.until(job.id, (now) => now.progress.epoch >= 4)
  assert.equal(await product.stop(), 0)
  product = await startProduct({ DATA_DIR: product.dataDir })
  await wentOn(job)
})

test('a second start on the same folder is refused with a clear message, and the first goes on', async () => {
  await assert.rejects(startProduct({ DATA_DIR: product.dataDir }), /already/i)
  assert.equal((await createApi(product.url).call('GET', '/readyz')).status, 200)
})
