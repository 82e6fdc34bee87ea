/** Whatever ends a job before it is done, the weights of its last finished epoch are kept, and predictions are made with them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { EngineState } from '../../../src/contracts/engine.ts'
import type { JobStatus } from '../../../src/contracts/lifecycle.ts'
import { createRecoveryRepository } from '../../../src/features/jobs/recovery.repository.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { batch, crash, report } from '../../support/batches.ts'
import { interruptible } from '../../support/trace.ts'
import { type Bench, notebook } from '../../support/worker.ts'

let api: TestApi
let bench: Bench
before(async () => {
  api = await openTestApi()
  bench = api.bench
})
after(() => api.close())

const weightsOf = async (jobId: string) =>
  (await bench.database.prisma.tensor.findMany({ where: { jobId, kind: 'weight' }, orderBy: [{ epoch: 'asc' }, { position: 'asc' }] })).map(
    ({ epoch, parameter, norm, values }) => ({ epoch, parameter, norm, values: Buffer.from(values ?? []).toString('hex') }),
  )

/** Weights, an optimizer slot and a running statistic after an epoch. */
const state = (epoch: number, step = 0): EngineState => ({
  epoch,
  step,
  tensors: [
    { name: 'layers.0.weight', shape: [2, 1], values: Float32Array.of(3, 4 * epoch) },
    { name: 'layers.0.bias', shape: [1], values: Float32Array.of(epoch) },
    { name: 'layers.0.weight/velocity', shape: [2, 1], values: Float32Array.of(7, 7) },
    { name: 'layers.1.runningMean', shape: [], values: Float32Array.of(-2) },
    { name: 'best/layers.0.bias', shape: [1], values: Float32Array.of(9) },
  ],
  training: {},
})
const expected = (epoch: number) => [
  { epoch, parameter: 'layers.0.weight', norm: Math.sqrt(9 + 16 * epoch ** 2), values: hex(3, 4 * epoch) },
  { epoch, parameter: 'layers.0.bias', norm: epoch, values: hex(epoch) },
  { epoch, parameter: 'layers.1.runningMean', norm: 2, values: hex(-2) },
]
const hex = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('hex')
const withoutWeights = (epoch: number) => ({ ...report(epoch), weights: [] })
const last = { record: { gradients: 'none', weights: 'last' } }

describe('without a worker that could write them, the weights come out of the checkpoint', () => {
  const claimed = async (epoch: number) => {
    const { id } = await api.submit(last)
    const claim = await api.claim()
    assert.equal(claim.jobId, id)
    await claim.commit({ epochs: Array.from({ length: epoch }, (_, at) => withoutWeights(at + 1)), state: state(epoch) })
    return { id, claim }
  }
  const act = (id: string, action: string) => api.post(`/v1/jobs/${id}/${action}`)

  test('without a worker that could write them, the weights come out of the checkpoint of a job that runs or is paused, with the epoch that they are of, which may be asked for', async () => {
    const { id, claim } = await claimed(2)
    const shown = async (query = '') => {
      const { status, body } = await api.get(`/v1/jobs/${id}/weights${query}`)
      return status === 200 ? [body.epoch, body.parameters] : status
    }
    const parameters = [
      { name: 'layers.0.weight', shape: [2, 1], values: [3, 8], norm: Math.sqrt(9 + 16 * 4) },
      { name: 'layers.0.bias', shape: [1], values: [2], norm: 2 },
      { name: 'layers.1.runningMean', shape: [], values: [-2], norm: 2 },
    ]
    for (const query of ['', '?epoch=2']) assert.deepEqual(await shown(query), [2, parameters])
    assert.equal(await shown('?epoch=1'), 404)
    const { id: waiting } = await api.submit(last)
    assert.equal((await api.get(`/v1/jobs/${waiting}/weights`)).status, 404)
    await act(waiting, 'cancel')
    await act(id, 'pause')
    await claim.commit({ closing: { to: 'paused' } })
    assert.deepEqual(await shown(), [2, parameters])
    await act(id, 'cancel')
    assert.deepEqual(await shown(), [2, parameters])
  })

  test('without a worker that could write them, the weights come out of the checkpoint of a job that is paused, and then cancelled', async () => {
    const { id, claim } = await claimed(2)
    await act(id, 'pause')
    await claim.commit({ closing: { to: 'paused' } })
    assert.deepEqual(await weightsOf(id), [])
    await act(id, 'cancel')
    assert.deepEqual(await weightsOf(id), expected(2))
  })

  test('without a worker that could write them, the weights come out of the checkpoint of a job that goes back into the queue, and is cancelled there', async () => {
    const { id, claim } = await claimed(2)
    await claim.commit({ closing: { to: 'queued', reason: 'The worker was stopped.', crashed: false } })
    await act(id, 'cancel')
    assert.deepEqual(await weightsOf(id), expected(2))
  })

  test('without a worker that could write them, the weights come out of the checkpoint of a job that crashes too often', async () => {
    const { id, claim } = await claimed(1)
    await claim.commit(crash())
    for (let death = 2; death <= 3; death++) await (await api.claim()).commit(crash())
    const { body } = await api.get(`/v1/jobs/${id}`)
    assert.deepEqual([body.status, body.error.code], ['failed', 'WORKER_CRASHED'])
    assert.deepEqual(await weightsOf(id), expected(1))
  })

  for (const [status, ends] of [
    ['cancelling', 'cancelled'],
    ['running', 'failed'],
  ] as const)
    test(`without a worker that could write them, the weights come out of the checkpoint of a job that was ${status} when its worker died: it ends as ${ends}`, async () => {
      const { id } = await claimed(3)
      const data = { status, crashes: 2, leaseUntil: new Date(0) }
      await bench.database.prisma.job.update({ where: { id }, data })
      await createRecoveryRepository(bench.database).freeAbandoned()
      assert.equal((await api.get(`/v1/jobs/${id}`)).body.status, ends)
      assert.deepEqual(await weightsOf(id), expected(3))
    })

  test('where an older version wrote it, its norms made when they are read', async () => {
    const { id, claim } = await claimed(2)
    await claim.commit({ closing: { to: 'queued', reason: 'The worker was stopped.', crashed: false } })
    const layout = state(2).tensors.map(({ name, shape }) => ({ name, shape }))
    await bench.database.prisma.checkpoint.update({ where: { jobId: id }, data: { layout } })
    await act(id, 'cancel')
    const { body } = await api.get(`/v1/jobs/${id}/weights`)
    assert.deepEqual(
      body.parameters.map(({ norm }: { norm: number }) => norm),
      expected(2).map(({ norm }) => norm),
    )
  })

  test('but not where they are kept of every epoch, or where no epoch was finished', async () => {
    const { id } = await api.submit()
    await (await api.claim()).commit({ epochs: [report(1)], state: state(1), closing: { to: 'queued', reason: 'stopped', crashed: false } })
    await act(id, 'cancel')
    assert.equal((await weightsOf(id)).length, 1)
    const { id: other } = await api.submit(last)
    await (await api.claim()).commit({ state: state(0, 5), closing: { to: 'queued', reason: 'stopped', crashed: false } })
    await act(other, 'cancel')
    assert.deepEqual(await weightsOf(other), [])
  })

  test('and weights of earlier epochs go with the next that are kept', async () => {
    const { id, claim } = await claimed(1)
    const kept = (epoch: number) => ({
      weights: { epoch, tensors: [{ name: 'layers.0.bias', shape: [1], values: Float32Array.of(epoch), norm: epoch }] },
    })
    await claim.commit(batch({ ...kept(1), state: state(1, 4) }))
    await claim.commit(batch({ ...kept(1), state: state(1, 8) }))
    assert.deepEqual(await weightsOf(id), [expected(1)[1]])
    await claim.commit(batch({ epochs: [withoutWeights(2)], ...kept(2), state: state(2, 4) }))
    assert.deepEqual(await weightsOf(id), [expected(2)[1]])
    await claim.commit(
      batch({ epochs: [withoutWeights(3)], state: state(3), closing: { to: 'failed', code: 'TIMED_OUT', message: 'late' } }),
    )
    assert.deepEqual(await weightsOf(id), expected(3))
  })
})

describe('a job in training', () => {
  // Epochs of about half a second: jobs are stopped in the middle of them.
  const slow = (weights: 'last' | 'everyEpoch', epochs: number) => {
    const config = interruptible({ epochs, batchSize: 8 })
    const dataset = { synthetic: { ...config.dataset.synthetic, examples: 4003 } }
    return { ...config, dataset, record: { gradients: 'none', weights } }
  }
  let everyEpoch: Awaited<ReturnType<typeof weightsOf>>
  before(async () => {
    bench.work()
    everyEpoch = await weightsOf((await bench.ended(await bench.submit(slow('everyEpoch', 4)))).id)
  })

  const stopped = async (...statuses: JobStatus[]) => {
    const id = await bench.submit(slow('last', 1000))
    await bench.until(id, ({ epoch, status }) => status === 'running' && epoch >= 1)
    for (const status of statuses) {
      await bench.setStatus(id, status)
      if (status === 'pausing' && statuses.at(-1) === 'cancelled') await bench.until(id, (job) => job.status === 'paused')
    }
    return { id, job: await bench.ended(id) }
  }

  for (const statuses of [['pausing', 'cancelled'], ['pausing', 'cancelling'], ['cancelling']] as const)
    test(`a job in training that goes through ${statuses.join(' and ')} keeps the weights of its last finished epoch`, async () => {
      const { id, job } = await stopped(...statuses)
      assert.equal(job.status, 'cancelled')
      const weights = await weightsOf(id)
      assert.deepEqual([weights.length, weights[0]?.epoch], [4, job.epoch])
      if (job.epoch > 4) return
      assert.deepEqual(
        weights,
        everyEpoch.filter(({ epoch }) => epoch === job.epoch),
      )
    })

  test('a job in training that diverges predicts with the very weights that are shown', async () => {
    const preprocessing = { standardize: true }
    const { id } = await api.submit({ preprocessing, optimizer: { type: 'sgd', learningRate: 1e6 } })
    assert.equal((await bench.ended(id)).errorCode, 'LOSS_DIVERGED')
    const weights = (await api.get(`/v1/jobs/${id}/weights`)).body
    const { status, body } = await api.post(`/v1/jobs/${id}/predictions`, { features: [[1, 2]] })
    assert.deepEqual([status, body.epoch], [200, weights.epoch])
    assert.ok(['NaN', 'Infinity', '-Infinity'].includes(body.predictions[0][0]), JSON.stringify(body))
  })

  test('a job in training that was paused inside an epoch predicts with the weights of the last one that is finished', async () => {
    const id = await bench.submit({ ...notebook(), ...slow('last', 1000) })
    await bench.until(id, ({ epoch, status }) => status === 'running' && epoch >= 1)
    await bench.setStatus(id, 'pausing')
    const { epoch } = await bench.until(id, ({ status }) => status === 'paused')
    const { body } = await api.post(`/v1/jobs/${id}/predictions`, { features: [[1, 2, 3]] })
    assert.equal(body.epoch, epoch)
    await bench.setStatus(id, 'cancelled')
    assert.equal((await api.get(`/v1/jobs/${id}/weights`)).body.epoch, epoch)
    assert.deepEqual((await api.post(`/v1/jobs/${id}/predictions`, { features: [[1, 2, 3]] })).body, body)
  })
})
