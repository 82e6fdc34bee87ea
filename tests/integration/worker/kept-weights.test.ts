/** Which epochs' weights a job keeps, and that an interruption changes nothing of it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { batch, report } from '../../support/batches.ts'
import { interruptible, traceOf } from '../../support/trace.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

type Kept = { epoch: number; loss: number; validationLoss: number | null }

const config = (weights: unknown, parts: object = {}) => ({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 60, noiseStd: 1, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  optimizer: { type: 'sgd', learningRate: 0.2 },
  training: { epochs: 12, batchSize: 4, seed: 3, validationSplit: 0.2 },
  record: { gradients: 'none', weights },
  ...parts,
})
const checkpointsOf = async (id: string, query = ''): Promise<Kept[]> => (await api.get(`/v1/jobs/${id}/checkpoints${query}`)).body.data
const numbersOf = (kept: { epoch: number }[]): number[] => kept.map(({ epoch }) => epoch)
const weightsAt = async (id: string, epoch: number) => (await api.get(`/v1/jobs/${id}/weights?epoch=${epoch}`)).body.parameters

describe('the weights that a job keeps', () => {
  test('the weights that a job keeps are those of the best epoch by validation loss, of every so many, or of all, and those of the last', async () => {
    const worker = api.bench.work()
    const run = async (weights: unknown, parts?: object): Promise<string> => {
      const { id } = await api.submit(config(weights, parts))
      assert.equal((await api.bench.ended(id)).status, 'succeeded')
      return id
    }
    const all = await run('everyEpoch')
    const epochs: Kept[] = (await api.get(`/v1/jobs/${all}/epochs`)).body.data
    assert.deepEqual(await checkpointsOf(all), epochs)
    assert.deepEqual(numbersOf(await checkpointsOf(all, '?from=3&to=5')), [3, 4, 5])

    const best = epochs.reduce((one, other) => ((other.validationLoss ?? 0) < (one.validationLoss ?? 0) ? other : one)).epoch
    assert.ok(best > 1 && best < 12, `the best epoch is ${best}, and could be kept by chance`)
    const ofBest = await run('best')
    assert.deepEqual(numbersOf(await checkpointsOf(ofBest)), [best, 12])
    assert.deepEqual(await weightsAt(ofBest, best), await weightsAt(all, best))
    const fifth = await run({ every: 5 })
    assert.deepEqual(numbersOf(await checkpointsOf(fifth)), [5, 10, 12])
    assert.deepEqual(await weightsAt(fifth, 5), await weightsAt(all, 5))
    assert.equal((await api.get(`/v1/jobs/${fifth}/weights?epoch=6`)).status, 404)
    assert.deepEqual(numbersOf(await checkpointsOf(await run('last'))), [12])

    const stopped = await run('best', { earlyStopping: { monitor: 'loss', patience: 2 } })
    const { restoredEpoch, epochs: made }: { restoredEpoch: number; epochs: number } = (await api.get(`/v1/jobs/${stopped}`)).body.result
    assert.ok(restoredEpoch < made)
    assert.deepEqual(numbersOf(await checkpointsOf(stopped)), [restoredEpoch, made])
    assert.deepEqual(await weightsAt(stopped, restoredEpoch), await weightsAt(stopped, made))
    await worker.close()
  })

  test('the weights that a job keeps for being the best are the same if it goes on at another worker', async () => {
    const job = {
      ...interruptible({ epochs: 16 }),
      optimizer: { type: 'adam', learningRate: 0.05 },
      record: { gradients: 'none', weights: 'best' },
    }
    const first = api.bench.work()
    const { id: whole } = await api.submit(job)
    await api.bench.ended(whole)
    const { id } = await api.submit(job)
    await api.bench.until(id, ({ epoch }) => epoch >= 3)
    await first.close()
    const { epoch, status } = await api.bench.until(id, ({ status }) => status !== 'running')
    assert.ok(epoch < 16 && status === 'queued', `${status} after ${epoch}`)
    assert.equal(numbersOf(await checkpointsOf(id)).length, 1)
    const second = api.bench.work()
    await api.bench.ended(id)
    assert.deepEqual(await traceOf(api.bench.database, id), await traceOf(api.bench.database, whole))
    assert.equal(numbersOf(await checkpointsOf(id)).length, 2)
    await second.close()
  })

  test('the weights that a job keeps go on from its checkpoint: one best epoch, and every so many', async () => {
    const tensors = (epoch: number) => [{ name: 'layers.0.bias', shape: [1], values: Float32Array.of(epoch), norm: epoch }]
    const kept = (epoch: number, isBest = false) => ({ ...report(epoch), weights: tensors(epoch), isBest })
    const none = (epoch: number) => ({ ...report(epoch), weights: [] })
    const { id } = await api.submit(config('best'))
    const { commit } = await api.claim()
    await commit(batch({ epochs: [kept(1, true)], outdated: { before: 1, best: 1 } }))
    await commit(batch({ epochs: [none(2), kept(3, true)], outdated: { before: 3, best: 3 } }))
    assert.deepEqual(numbersOf(await checkpointsOf(id)), [3])
    await commit(batch({ epochs: [none(4)], weights: { epoch: 4, tensors: tensors(4) }, outdated: { before: 4, best: 3 } }))
    await commit(batch({ epochs: [none(5)], weights: { epoch: 5, tensors: tensors(5) }, outdated: { before: 5, best: 3 } }))
    assert.deepEqual(numbersOf(await checkpointsOf(id)), [3, 5])
    await commit(batch({ epochs: [kept(6), kept(7)], outdated: { before: 7, every: 2 } }))
    assert.deepEqual(numbersOf(await checkpointsOf(id)), [6, 7])
  })

  test('the weights that a job keeps are named by a rule that exists', async () => {
    for (const [weights, path] of [
      ['worst', '/record/weights'],
      [{ every: 0 }, '/record/weights/every'],
      [{}, '/record/weights/every'],
      [{ every: 2, best: true }, '/record/weights/best'],
    ])
      assert.deepEqual(pathsOf(assertProblem(await api.post('/v1/jobs', config(weights)), 422, 'VALIDATION_FAILED')), [path])
    const { id } = await api.submit(config('last'))
    assert.deepEqual(await checkpointsOf(id), [])
    assertProblem(await api.get(`/v1/jobs/${id}/checkpoints?from=3&to=2`), 422, 'VALIDATION_FAILED')
    assertProblem(await api.get('/v1/jobs/job_01kaf3m5d9v0q8c1x2y3z4w5a6/checkpoints'), 404, 'NOT_FOUND')
  })
})
