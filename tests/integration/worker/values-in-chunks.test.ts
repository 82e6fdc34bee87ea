/** Values too large for one statement are stored in chunks; here everything above 256 bytes is. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createBlobRepository } from '../../../src/features/jobs/blob.repository.ts'
import type { Worker } from '../../../workers/start-worker.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { batch, report, stateAfter } from '../../support/batches.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'
import { interruptible } from '../../support/trace.ts'

const blobChunkBytes = 256

describe('a job whose values come in chunks', () => {
  let api: TestApi
  let worker: Worker
  let whole: Awaited<ReturnType<typeof outcomeOf>>
  const stored = () => api.bench.database.prisma
  const config = { ...interruptible(), earlyStopping: { patience: 100 } }
  const outcomeOf = async (id: string) => {
    const read = async (path: string) => (await api.get(`/v1/jobs/${id}/${path}`)).body
    return {
      epochs: (await read('epochs')).data.map(({ loss, gradientNorm }: Record<string, number>) => [loss, gradientNorm]),
      gradients: (await read('gradients')).data,
      weights: await Promise.all([1, 12, 24].map(async (epoch) => (await read(`weights?epoch=${epoch}`)).parameters)),
    }
  }
  const submit = async (parts: object = {}) => (await api.post('/v1/jobs', { ...config, ...parts })).body.id as string
  const inTheMiddle = (id: string) => api.bench.until(id, ({ epoch, status }) => status === 'running' && epoch >= 3)

  before(async () => {
    api = await openTestApi()
    const plain = api.bench.work()
    const id = await submit()
    assert.equal((await api.bench.ended(id)).status, 'succeeded')
    whole = await outcomeOf(id)
    await plain.close()
    assert.equal(await stored().blob.count(), 0)
    worker = api.bench.work({ blobChunkBytes })
  })
  after(() => api.close())

  it('a job whose values come in chunks leaves the same results as one whose values are small', async () => {
    const id = await submit()
    assert.equal((await api.bench.ended(id)).status, 'succeeded')
    assert.ok((await stored().blobChunk.count({ where: { blob: { jobId: id } } })) > 24)
    assert.equal(await stored().tensor.count({ where: { jobId: id, blobId: null } }), 0)
    assert.deepEqual(await outcomeOf(id), whole)
    const { statusCode, rawPayload } = await api.app.inject({ url: `/v1/jobs/${id}/weights?format=safetensors` })
    assert.equal(statusCode, 200)
    assert.ok(rawPayload.length > 4 * (3 * 8 + 8 + 8 + 1))
    const features = [[0.1, 0.2, 0.3]]
    assert.equal((await api.post(`/v1/jobs/${id}/predictions`, { features })).body.predictions.length, 1)
  })

  it('a job whose values come in chunks goes on bit-identically after its child was killed', async () => {
    const id = await submit()
    await inTheMiddle(id)
    process.kill(worker.trainingPids()[0] ?? 0, 'SIGKILL')
    assert.equal((await api.bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await outcomeOf(id), whole)
  })

  it('a job whose values come in chunks goes on bit-identically after a pause', async () => {
    const id = await submit()
    await inTheMiddle(id)
    await api.post(`/v1/jobs/${id}/pause`)
    await api.bench.until(id, ({ status }) => status === 'paused')
    await api.post(`/v1/jobs/${id}/resume`)
    assert.equal((await api.bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await outcomeOf(id), whole)
  })

  it('a job whose values come in chunks leaves the weights of its last finished epoch when it is cancelled', async () => {
    const id = await submit({ training: { ...config.training, epochs: 100_000 }, record: { gradients: 'none', weights: 'last' } })
    await inTheMiddle(id)
    await api.post(`/v1/jobs/${id}/cancel`)
    await api.bench.ended(id)
    const { parameters } = (await api.get(`/v1/jobs/${id}/weights`)).body
    assert.equal(parameters.length, 4)
    for (const { values, norm } of parameters as { values: number[]; norm: number }[])
      assert.ok(Math.abs(Math.hypot(...values) - norm) < 1e-6 * norm)
  })

  it('a job whose values come in chunks goes with all its chunks when it is deleted', async () => {
    const id = await submit()
    await api.bench.ended(id)
    assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
    assert.equal(await stored().blob.count({ where: { jobId: id } }), 0)
  })
})

describe('a blob', () => {
  let bench: LeaseBench
  let blobs: ReturnType<typeof createBlobRepository>
  before(async () => {
    bench = await openLeaseBench()
    blobs = createBlobRepository(bench.database, { size: 8 })
  })
  after(() => bench.close())
  beforeEach(() => bench.database.prisma.job.deleteMany())

  const bytes = Uint8Array.from({ length: 12 }, (_, at) => at)
  const read = async (at: number, length: number) => bytes.slice(at, at + length)
  const count = () => bench.database.prisma.blob.count()
  const stored = (blobId: string, epoch = 1) => {
    const { tensors: _, ...state } = stateAfter(epoch)
    return { ...state, layout: [{ name: 'layers.0.weight', shape: [3] }], bytes: 12, blobId }
  }

  it('a blob is nobody’s once the claim that wrote it is over, and is swept away', async () => {
    await bench.store()
    const claim = await bench.claim()
    assert.ok(await blobs.write(claim, 12, read))
    assert.equal(await bench.recovery.sweepBlobs(10), 0, 'its worker may be about to refer to it')
    await bench.lease.commit(claim, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
    assert.equal(await bench.recovery.sweepBlobs(10), 1)
    assert.equal(await count(), 0)
  })

  it('a blob is not written by a worker that lost its lease', async () => {
    const id = await bench.store()
    const claim = await bench.claim()
    const lost = await blobs.write(claim, 12, async (at, length) => {
      if (at > 0) {
        await bench.runOut(id)
        await bench.recovery.freeAbandoned()
      }
      return read(at, length)
    })
    assert.equal(lost, null)
    assert.equal(await blobs.write(claim, 12, read), null)
    await bench.recovery.sweepBlobs(10)
    assert.equal(await count(), 0)
  })

  it('a blob is what the next claim goes on from, until another takes its place', async () => {
    const id = await bench.store()
    const claim = await bench.claim()
    const first = await blobs.write(claim, 12, read)
    await bench.lease.commit(claim, batch({ state: stored(first ?? '') }))
    const second = await blobs.write(claim, 12, read)
    await bench.lease.commit(claim, batch({ state: stored(second ?? '', 2), epochs: [report(1)] }))
    assert.equal(await bench.recovery.sweepBlobs(10), 1)
    await bench.lease.commit(claim, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
    const { checkpoint } = await bench.claim()
    assert.deepEqual(checkpoint, stored(second ?? '', 2))
    const readBack = blobs.checkpoint(id)
    assert.deepEqual([...(await readBack(3, 8))], [3, 4, 5, 6, 7, 8, 9, 10])
    assert.deepEqual([...(await readBack(8, 4))], [8, 9, 10, 11])
    await assert.rejects(readBack(8, 8), /ends before/)
    assert.equal(await count(), 1)
  })
})
