/** Jobs whose model is held against a second dataset after each epoch. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const created = async (path: string, body: object) => {
  const answer = await api.post(path, body)
  assert.ok(answer.status < 300, JSON.stringify(answer.body))
  return answer.body
}
const dataset = async (body: object): Promise<string> => (await created('/v1/datasets', body)).id
const finished = async (config: object) => {
  const { id } = await created('/v1/jobs', config)
  await api.bench.ended(id)
  const job = (await api.get(`/v1/jobs/${id}`)).body
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  return { job, epochs: (await api.get(`/v1/jobs/${id}/epochs`)).body.data }
}
const refused = async (config: object) => assertProblem(await api.post('/v1/jobs', config), 422, 'VALIDATION_FAILED')
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.abs(expected), `${actual} is not ${expected}`)

/** y = 3 x₁ − x₂, which no weight of zero gives; `order` is that of the columns. */
const rows = [
  { x1: 1, x2: 2, y: 1 },
  { x1: 2, x2: 1, y: 5 },
  { x1: 4, x2: 0, y: 12 },
]
const training = () => dataset({ rows, features: ['x1', 'x2'], labels: ['y'] })
/** A model that stays at ŷ = x₁ + 2 x₂, so that every loss can be said beforehand. */
const still = (id: string, validationId: string, parts: object = {}) => ({
  dataset: { id },
  model: { layers: [{ type: 'dense', units: 1, bias: false }], initialWeights: { 'layers.0.weight': { shape: [2, 1], values: [1, 2] } } },
  loss: { type: 'mse' },
  metrics: ['mae'],
  optimizer: { type: 'sgd', learningRate: 0 },
  training: { epochs: 2, seed: 1, validationDataset: { id: validationId } },
  ...parts,
})

describe('training.validationDataset', () => {
  it('training.validationDataset gives loss and metrics over the second dataset, its columns found by name', async () => {
    const [id, other] = [
      await training(),
      await dataset({
        rows: [
          { y: 0, x2: 1, unused: 9, x1: 10 },
          { y: 2, x2: 0, unused: 9, x1: 0 },
        ],
      }),
    ]
    const { epochs } = await finished(still(id, other))
    assert.equal(epochs.length, 2)
    for (const { loss, validationLoss, metrics } of epochs) {
      near(loss, (16 + 1 + 64) / 3)
      near(validationLoss, (12 ** 2 + 2 ** 2) / 2)
      near(metrics.mae, (4 + 1 + 8) / 3)
      near(metrics.validationMae, 7)
    }
  })

  it('training.validationDataset may be synthetic, and what early stopping watches', async () => {
    const spec = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 200, noiseStd: 0, seed: 99 }
    const validationDataset = { id: await dataset({ synthetic: spec }) }
    const config = notebook({
      training: { epochs: 50, batchSize: 10, seed: 42, validationDataset },
      earlyStopping: { patience: 1, minDelta: 1 },
    })
    const { epochs } = await finished(config)
    assert.ok(epochs.length < 50 && epochs.every(({ validationLoss }: { validationLoss: number }) => validationLoss > 0))
    const { body } = await api.post('/v1/jobs?validateOnly=true', config)
    assert.deepEqual([body.trainingRows, body.validationRows], [1000, 200])
  })

  it('training.validationDataset is prepared by what the training rows say, and solved models are held against it too', async () => {
    const [id, other] = [await training(), await dataset({ rows: [{ x1: 100, x2: 7, y: 3 * 100 - 7 + 2 }] })]
    const { epochs, job } = await finished(
      still(id, other, {
        model: { layers: [{ type: 'dense', units: 1 }] },
        preprocessing: { standardize: true },
        solver: { type: 'leastSquares' },
      }),
    )
    assert.equal(job.progress.epochs, 1)
    assert.ok(epochs[0].loss < 1e-9)
    assert.ok(Math.abs(epochs[0].validationLoss - 4) < 1e-2, `${epochs[0].validationLoss}`)
  })

  it('predicts without it, once it is deleted; not before the job is done', async () => {
    const [id, other] = [await training(), await dataset({ rows })]
    const { id: jobId } = await created(
      '/v1/jobs',
      still(id, other, { training: { epochs: 100_000, seed: 1, validationDataset: { id: other } } }),
    )
    assertProblem(await api.remove(`/v1/datasets/${other}`), 409, 'CONFLICT')
    await api.post(`/v1/jobs/${jobId}/cancel`)
    await api.bench.ended(jobId)
    const { job } = await finished(still(id, other))
    assert.equal((await api.remove(`/v1/datasets/${other}`)).status, 204)
    const answer = await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 2]] })
    assert.deepEqual(answer.body.predictions, [[5]])
    assert.equal((await api.get(`/v1/jobs/${job.id}`)).body.config.training.validationDataset.id, other)
  })

  it('training.validationDataset is refused where it is not there, lacks columns, or holds what the model cannot take', async () => {
    const id = await training()
    const path = '/training/validationDataset/id'
    assert.deepEqual(pathsOf(await refused(still(id, 'ds_0'))), [path])
    const errors = await refused(still(id, await dataset({ rows: [{ x1: 1, z: 2 }] })))
    assert.deepEqual(
      errors.map(({ path: at, column }) => [at, column]),
      [
        [path, 'x2'],
        [path, 'y'],
      ],
    )
    assert.match(errors[0]?.message ?? '', /has no column "x2".*it has x1, z/)
    const classes = await dataset({
      rows: [
        { x1: 1, x2: 2, y: 0 },
        { x1: 2, x2: 2, y: 1 },
      ],
      features: ['x1', 'x2'],
      labels: ['y'],
    })
    const classifier = (other: string) =>
      still(classes, other, { model: { layers: [{ type: 'dense', units: 2 }] }, loss: { type: 'crossEntropy' }, metrics: [] })
    const [invalid, ...others] = await refused(classifier(id))
    assert.deepEqual([invalid?.path, others.length], [path, 0])
    assert.match(invalid?.message ?? '', /class indices from 0 to 1/)
    const both = { training: { epochs: 1, validationSplit: 0.5, validationDataset: { id } } }
    assert.deepEqual(pathsOf(await refused(still(id, id, both))), ['/training/validationSplit'])
  })
})
