/** Predictions for whole datasets on workers that die: each row once, and the same bytes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPredictionWorkRepository } from '../../../src/features/predictions/prediction-work.repository.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { loadingBackends } from '../../support/engine-backends.ts'

const synthetic = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 400_000, noiseStd: 0.01, seed: 9 }

let api: TestApi
let job: string
before(async () => {
  api = await openTestApi()
  const worker = api.bench.work()
  job = (await api.submit({ metrics: ['rmse'] })).id
  await api.bench.ended(job)
  await worker.close()
})
after(() => api.close())

const ask = async (body: object = { dataset: { synthetic } }): Promise<string> => {
  const { status, body: accepted } = await api.post(`/v1/jobs/${job}/predictions`, body)
  assert.equal(status, 202, JSON.stringify(accepted))
  return accepted.id
}
const ended = async (id: string) => {
  for (;;) {
    const { body } = await api.get(`/v1/predictions/${id}?wait=30`)
    if (body.finishedAt !== null) return body
  }
}
/** Polls, since progress wakes nobody. */
const begun = async (id: string, rows = 1): Promise<void> => {
  while ((await api.get(`/v1/predictions/${id}`)).body.progress.rows < rows) await sleep(5)
}
const valuesOf = async (id: string): Promise<Buffer[]> => {
  const chunks = await api.bench.database.prisma.predictionChunk.findMany({ where: { predictionId: id }, orderBy: { index: 'asc' } })
  assert.deepEqual(
    chunks.map(({ index }) => index),
    chunks.map((_, at) => at),
  )
  return chunks.map(({ values }) => Buffer.from(values))
}

test('kill -9 of the child, a worker that is silent, and one that closes: the same bytes and metrics as undisturbed', async () => {
  let worker = api.bench.work()
  const undisturbed = await ask()
  const { status, metrics } = await ended(undisturbed)
  assert.equal(status, 'succeeded')

  const disturbed = await ask()
  await begun(disturbed)
  for (const pid of worker.predictionPids()) process.kill(pid, 'SIGKILL')
  await begun(disturbed, 60_000)
  await worker.close()
  // As if a worker had taken it and died: nobody is told, its lease runs out.
  const work = createPredictionWorkRepository(api.bench.database)
  const stale = await work.claim()
  assert.equal(stale?.id, disturbed)
  worker = api.bench.work()
  const found = await ended(disturbed)
  assert.equal(found.status, 'succeeded', JSON.stringify(found))
  assert.deepEqual(found.metrics, metrics)
  assert.deepEqual(await valuesOf(disturbed), await valuesOf(undisturbed))
  // Whatever the silent one still writes changes nothing.
  const chunk = { index: stale.chunks, rows: 1, values: new Uint8Array(4), sums: null, epoch: 3, seconds: 0 }
  assert.equal(await work.write(stale, chunk), false)
  await worker.close()
})

test('what kills its process again and again fails, gives its bytes back, and leaves others alone', async () => {
  const id = await ask()
  const work = createPredictionWorkRepository(api.bench.database)
  for (let claims = 1; claims <= 3; claims++) {
    const claim = await work.claim()
    assert.equal(claim?.attempts, claims)
    await work.release(claim, { isCrash: true })
  }
  const worker = api.bench.work()
  const found = await ended(id)
  assert.equal(found.status, 'failed')
  assert.equal(found.error.code, 'WORKER_CRASHED')
  const { storedBytes } = await api.bench.database.prisma.prediction.findUniqueOrThrow({ where: { id } })
  assert.equal(storedBytes, 0n)
  assert.equal((await ended(await ask({ dataset: { synthetic: { ...synthetic, examples: 10 } } }))).status, 'succeeded')
  await worker.close()
})

test('tenants take turns, and what was deleted is nobody’s work', async () => {
  const { prisma } = api.bench.database
  const [first, second, other] = [await ask(), await ask(), await ask()]
  const gone = await ask()
  await prisma.prediction.update({ where: { id: other }, data: { tenant: 'other' } })
  await api.remove(`/v1/predictions/${gone}`)
  const work = createPredictionWorkRepository(api.bench.database)
  // The tenant of the first has had its turn in the tests before.
  const order = [await work.claim(), await work.claim(), await work.claim()].map((claim) => claim?.id)
  assert.deepEqual(order, [other, first, second])
  assert.equal(await work.claim(), null)
  await prisma.prediction.deleteMany({ where: { id: { in: [first, second, other] } } })
})

test('on every backend that trains here the rows are those of the row form', async () => {
  const rows = Array.from({ length: 50 }, (_, at) => ({ x1: at / 7, x2: 1 - at / 11 }))
  const { body: dataset } = await api.post('/v1/datasets', { rows })
  for (const backend of await loadingBackends()) {
    const worker = api.bench.work({ backend })
    const { id } = await ended(await ask({ dataset: { id: dataset.id } }))
    const lines = (await api.get(`/v1/predictions/${id}/rows`)).body.trimEnd().split('\n')
    const { predictions } = (await api.post(`/v1/jobs/${job}/predictions`, { rows })).body
    for (const [at, line] of lines.entries()) {
      const [value] = JSON.parse(line).prediction
      assert.ok(Math.abs(value - predictions[at][0]) <= 1e-5 * Math.max(1, Math.abs(value)), `${backend}: ${line}`)
    }
    assert.equal(lines.length, 50)
    await worker.close()
  }
})

test('more than a tenant may have waiting, or store, is refused', async () => {
  const tiny = { dataset: { synthetic: { ...synthetic, examples: 10 } } }
  const ids: string[] = []
  for (let count = 0; count < 100; count++) ids.push(await ask(tiny))
  const full = await api.post(`/v1/jobs/${job}/predictions`, tiny)
  assert.equal(full.body.code, 'QUEUE_FULL')
  assert.equal(full.status, 429)
  await api.bench.database.prisma.prediction.deleteMany({ where: { id: { in: ids } } })
  const worker = api.bench.work()
  const blobs = { kind: 'blobs', centers: 30, features: 2, examples: 100, seed: 1 }
  const wide = await api.submit({
    dataset: { synthetic: blobs },
    model: { layers: [{ type: 'dense', units: 30 }] },
    loss: { type: 'crossEntropy' },
  })
  await api.bench.ended(wide.id)
  await worker.close()
  const large = await api.post(`/v1/jobs/${wide.id}/predictions`, { dataset: { synthetic: { ...blobs, examples: 10_000_000 } } })
  assert.deepEqual(
    assertProblem(large, 422, 'VALIDATION_FAILED').map(({ path, code }) => [path, code]),
    [['/dataset', 'too_large']],
  )
})
