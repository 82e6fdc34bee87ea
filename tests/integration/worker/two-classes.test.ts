/** Jobs whose label is one of two classes, whatever these are called and whatever numbers their loss wants for them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const upload = async (csv: string, query = ''): Promise<string> => {
  const { status, body } = await api.post(`/v1/datasets${query}`, csv, { 'content-type': 'text/csv' })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

const trained = async (request: object) => {
  const { status, body } = await api.post('/v1/jobs', request)
  assert.equal(status, 202, JSON.stringify(body))
  await api.bench.ended(body.id)
  const { body: job } = await api.get(`/v1/jobs/${body.id}`)
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  return job
}
const predict = (id: string, body: object) => api.post(`/v1/jobs/${id}/predictions`, body)

describe('two classes', () => {
  it('two classes are a yes or no of 0 and 1, weighed alike, and told as true or false', async () => {
    const lines = Array.from({ length: 100 }, (_, at) => `${(at % 10) + (at % 3) / 10},${at % 10 === 9}`)
    const id = await upload(['dose,cured', ...lines].join('\n'))
    const request = {
      dataset: { id, labels: ['cured'] },
      preprocessing: { standardize: true },
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'bceWithLogits', classWeights: 'balanced' },
      optimizer: { type: 'adam', learningRate: 0.1 },
      training: { epochs: 80, batchSize: 20, seed: 3 },
    }
    const job = await trained(request)
    assert.deepEqual(job.result.confusionMatrix.classes, [false, true])
    assert.deepEqual(job.result.confusionMatrix.counts[1], [0, 10])
    const { body } = await predict(job.id, { rows: [{ dose: 9 }, { dose: 0 }] })
    assert.deepEqual(body.predictions, [true, false])
    const { body: shares } = await predict(job.id, { rows: [{ dose: 9 }], output: 'probability' })
    assert.ok(shares.predictions[0][1] > 0.5 && Math.abs(shares.predictions[0][0] + shares.predictions[0][1] - 1) < 1e-6)
    const ofProbabilities = await trained({
      ...request,
      model: { layers: [{ type: 'dense', units: 1, activation: 'sigmoid' }] },
      loss: { ...request.loss, type: 'bce' },
    })
    assert.deepEqual(ofProbabilities.result.confusionMatrix, job.result.confusionMatrix)
    assert.ok(Math.abs(ofProbabilities.result.loss - job.result.loss) < 1e-3, `${ofProbabilities.result.loss} ${job.result.loss}`)
    const empty = await predict(job.id, {})
    assert.deepEqual(pathsOf(assertProblem(empty, 422, 'VALIDATION_FAILED')), ['/rows'])
    const twice = await api.post('/v1/jobs', { ...request, loss: { ...request.loss, posWeight: [2] } })
    assert.deepEqual(pathsOf(assertProblem(twice, 422, 'VALIDATION_FAILED')), ['/loss/classWeights'])
  })

  it('two classes are the -1 and 1 of a loss of signs, in rows held back too, and a cell is missing that the upload took for missing', async () => {
    const lines = Array.from({ length: 60 }, (_, at) => `${at % 12 === 5 ? 'none' : at % 10},${at % 10 > 4 ? 'ill' : 'well'}`)
    const id = await upload(['dose,state', ...lines].join('\n'), '?missing=none')
    const job = await trained({
      dataset: { id, labels: ['state'] },
      loss: { type: 'softMargin' },
      training: { epochs: 60, batchSize: 10, seed: 3, validationSplit: 0.25 },
      optimizer: { type: 'adam', learningRate: 0.05 },
    })
    const { classes, counts, over } = job.result.confusionMatrix
    assert.deepEqual([classes, over], [['ill', 'well'], 'validation'])
    assert.ok(counts[0][0] > counts[0][1] && counts[1][1] > counts[1][0], JSON.stringify(counts))
    assert.ok(job.result.loss < 0.5, String(job.result.loss))
    const told = await predict(job.id, { rows: [{ dose: 9 }, { dose: 0 }, { dose: 'none' }, { dose: null }], output: 'probability' })
    const [high, low, marked, missing] = told.body.predictions
    assert.ok(high[0] > 0.5 && low[1] > 0.5, JSON.stringify(told.body))
    assert.deepEqual(marked, missing)
    assert.deepEqual(pathsOf((await predict(job.id, { rows: [{ dose: 'NA' }] })).body.errors), ['/rows/0/dose'])
  })
})
