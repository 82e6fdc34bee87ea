/** Warm-up, L1 penalty, stopAtLoss, metrics in events and the truth behind synthetic data, as a client meets them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { untilListed } from '../../support/event-stream.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const trained = async (parts: object) => {
  const { id } = await api.submit(parts)
  await api.bench.ended(id)
  const { body: job } = await api.get(`/v1/jobs/${id}`)
  const { body: epochs } = await api.get(`/v1/jobs/${id}/epochs`)
  const { body: events } = await api.get(`/v1/jobs/${id}/events?limit=100`)
  return { job, epochs: epochs.data, events: events.data }
}
const refused = async (parts: object) => pathsOf(assertProblem(await api.post('/v1/jobs', notebook(parts)), 422, 'VALIDATION_FAILED'))
const training = (parts: object) => ({ training: { epochs: 6, batchSize: 10, seed: 42, ...parts } })

describe('a job', () => {
  it('warms up before another schedule, its config echoed with defaults', async () => {
    const schedule = { type: 'exponential', gamma: 0.5, warmup: { epochs: 2, startFactor: 0.5 } }
    const { job, epochs } = await trained({ ...training({}), schedule })
    assert.deepEqual(job.config.schedule, schedule)
    const rates = [0.015, 0.0225, 0.03, 0.015, 0.0075, 0.00375]
    for (const [at, { learningRate }] of epochs.entries()) assert.ok(Math.abs(learningRate - (rates[at] ?? 0)) < 1e-12, `epoch ${at + 1}`)
    assert.equal(job.result.stopReason, 'epochs')
    assert.deepEqual(await refused({ schedule: { ...schedule, warmup: { epochs: 0 } } }), ['/schedule/warmup/epochs'])
    assert.deepEqual(await refused({ schedule: { type: 'linearWarmup', warmup: { epochs: 2 } } }), ['/schedule/warmup'])
    const { body: catalog } = await api.get('/v1/catalog')
    const cosine = catalog.schedules.find(({ type }: { type: string }) => type === 'cosine')
    assert.equal(cosine.options.warmup.properties.startFactor.default, 1 / 3)
  })

  it('a job takes an L1 penalty, which a closed form cannot', async () => {
    const { job } = await trained({ regularization: { l1: 0.1 } })
    assert.deepEqual(job.config.regularization, { l1: 0.1, biases: true })
    // Where 2 (w - 2) + 0.1 = 0, the features being independent of variance 1.
    assert.ok(Math.abs(job.result.estimationError.weights[0] - 0.05) < 0.03, JSON.stringify(job.result))
    assert.deepEqual(await refused({ regularization: { l1: 0.1 }, solver: { type: 'leastSquares' } }), ['/regularization/l1'])
    assert.deepEqual(await refused({ regularization: { l1: -1 } }), ['/regularization/l1'])
    assert.deepEqual(await refused({ regularization: {} }), ['/regularization/l1'])
  })

  it('a job stops at a loss with success, and says so in its result and its last event', async () => {
    const { job, epochs, events } = await trained(training({ epochs: 1000, stopAtLoss: 0.001 }))
    assert.deepEqual([job.status, job.result.stopReason, job.config.training.stopAtLoss], ['succeeded', 'stopAtLoss', 0.001])
    assert.ok(epochs.length < 10 && job.result.loss <= 0.001 && job.result.epochs === epochs.length)
    assert.deepEqual([events.at(-1).type, events.at(-1).data.stopReason], ['succeeded', 'stopAtLoss'])
    assert.deepEqual(await refused(training({ stopAtLoss: '1' })), ['/training/stopAtLoss'])
  })

  it('a job tells once of the first epoch that passes each limit of on, right after that epoch, in the events of all jobs too', async () => {
    const on = [
      { metric: 'validationMae', below: 1 },
      { metric: 'loss', above: -1 },
      { metric: 'loss', below: -1 },
    ]
    const { job, epochs, events } = await trained({ ...training({ validationSplit: 0.2 }), metrics: ['mae'], on })
    assert.deepEqual(job.config.on, on)
    const first = epochs.find(({ metrics }: { metrics: Record<string, number> }) => Number(metrics.validationMae) < 1)
    assert.ok(first)
    const told = events.filter(({ type }: { type: string }) => type === 'threshold')
    assert.deepEqual(
      told
        .map(({ data }: { data: object }) => data)
        .sort((a: { metric: string }, b: { metric: string }) => a.metric.localeCompare(b.metric)),
      [
        { metric: 'loss', above: -1, value: epochs[0].loss, epoch: 1 },
        { metric: 'validationMae', below: 1, value: first.metrics.validationMae, epoch: first.epoch },
      ],
    )
    const epochBefore = (seq: number) =>
      events.findLast((event: { seq: number; type: string }) => event.seq < seq && event.type === 'epoch').data.epoch
    for (const { seq, data } of told) assert.equal(epochBefore(seq), data.epoch)
    await untilListed(api)
    const { body: all } = await api.get('/v1/events?type=job.threshold')
    assert.deepEqual(
      all.data.map(({ seq, type }: { seq: number; type: string }) => [seq, type]),
      told.map(({ seq }: { seq: number }) => [seq, 'job.threshold']),
    )
    assert.deepEqual(await refused({ on: [{ metric: 'validationLoss', below: 0.1 }] }), ['/on/0/metric'])
    assert.deepEqual(
      await refused({
        on: [
          { metric: 'seconds', below: 0.1 },
          { metric: 'loss', below: '1' },
        ],
      }),
      ['/on/0/metric', '/on/1/below'],
    )
    assert.deepEqual(await refused({ on: new Array(11).fill({ metric: 'loss', below: 1 }) }), ['/on'])
  })

  it('a job tells in epoch events what the rows of its epochs say', async () => {
    const { epochs, events } = await trained({ ...training({ validationSplit: 0.2 }), metrics: ['mae', 'r2'] })
    const told = events.filter(({ type }: { type: string }) => type === 'epoch').map(({ data }: { data: object }) => data)
    assert.equal(told.length, 6)
    assert.deepEqual(
      told,
      epochs.map(({ epoch, loss, validationLoss, metrics }: Record<string, unknown>) => ({ epoch, loss, validationLoss, metrics })),
    )
    assert.deepEqual(Object.keys(told[0].metrics).sort(), ['mae', 'r2', 'validationMae', 'validationR2'])
    const { events: plain } = await trained({})
    assert.deepEqual(Object.keys(plain.find(({ type }: { type: string }) => type === 'epoch').data).sort(), ['epoch', 'loss'])
  })
})

describe('the truth behind synthetic data', () => {
  it('the truth behind synthetic data is part of a dataset, of the result of a job on it, and of the published schema', async () => {
    const { body: document } = await api.get('/openapi.json')
    const known = document.components.schemas.Truth.properties
    for (const spec of [
      { kind: 'linear', weights: [2, -3.4], bias: 4.2 },
      { kind: 'logistic', weights: [1] },
      { kind: 'polynomial', coefficients: [1, 2] },
      ...['sine', 'blobs', 'moons', 'circles', 'spirals', 'friedman1'].map((kind) => ({ kind })),
    ]) {
      const { body } = await api.post('/v1/datasets', { synthetic: { examples: 20, ...spec } })
      const names = Object.keys(body.truth)
      assert.ok(names.length > 0 && names.every((name) => name in known), `${spec.kind}: ${names}`)
      assert.deepEqual((await api.get(`/v1/datasets/${body.id}`)).body.truth, body.truth)
    }
    const { body: page } = await api.get('/v1/datasets')
    assert.ok(page.data.length > 0 && page.data.every((dataset: object) => !('truth' in dataset)))
    assert.equal((await api.post('/v1/datasets', { features: [[1]], labels: [[2]] })).body.truth, null)
    const { job } = await trained({})
    assert.deepEqual(job.result.truth, { weights: [2, -3.4], bias: 4.2 })
  })
})
