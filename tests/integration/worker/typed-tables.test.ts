/** Training on a table as it is: categories, gaps, booleans and dates, from the upload to predictions in the words of the table. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { birdsTable, species } from '../../support/birds.ts'

let api: TestApi
let birds: string
before(async () => {
  api = await openTestApi()
  api.bench.work()
  birds = await upload(birdsTable())
})
after(() => api.close())

const upload = async (csv: string): Promise<string> => {
  const { status, body } = await api.post('/v1/datasets', csv, { 'content-type': 'text/csv' })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

const config = (parts: object = {}) => ({
  dataset: { id: birds, labels: ['species'], features: ['bill', 'island', 'ringed', 'seen'] },
  preprocessing: { standardize: true, missing: { strategy: 'median', indicator: true } },
  model: { layers: [{ type: 'dense', units: 3 }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'adam', learningRate: 0.05 },
  training: { epochs: 60, batchSize: 16, seed: 5, validationSplit: { fraction: 0.25, by: 'label' } },
  metrics: ['accuracy'],
  ...parts,
})

const trained = async (request: object) => {
  const { status, body } = await api.post('/v1/jobs', request)
  assert.equal(status, 202, JSON.stringify(body))
  await api.bench.ended(body.id)
  const { body: job } = await api.get(`/v1/jobs/${body.id}`)
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  return job
}
const errorsOf = async (parts: object) => assertProblem(await api.post('/v1/jobs', config(parts)), 422, 'VALIDATION_FAILED')
const predict = (id: string, body: object) => api.post(`/v1/jobs/${id}/predictions`, body)
const row = { bill: 36, island: 'Biscoe', ringed: true, seen: '2009-11-12' }

describe('a table as it is', () => {
  it('trains a classifier on categories, booleans, dates and gaps, and tells its classes by name', async () => {
    const job = await trained(config())
    assert.equal(job.result.droppedRows, 2)
    const { classes, counts, over } = job.result.confusionMatrix
    assert.deepEqual([classes, over], [species, 'validation'])
    assert.deepEqual(
      counts.map((of: number[]) => of.reduce((sum, count) => sum + count)),
      [10, 10, 9],
    )
    assert.ok(
      counts.every((of: number[], at: number) => (of[at] ?? 0) >= 8),
      JSON.stringify(counts),
    )

    const told = await predict(job.id, { rows: [row, { ...row, bill: null }, { ...row, bill: 52, island: 'Torgersen' }] })
    assert.equal(told.status, 200, JSON.stringify(told.body))
    assert.deepEqual([told.body.output, told.body.classes], ['class', species])
    assert.deepEqual([told.body.predictions[0], told.body.predictions[2]], ['Adelie', 'Gentoo'])
    const likely = await predict(job.id, { rows: [row], output: 'probability' })
    assert.ok(Math.abs(likely.body.predictions[0].reduce((sum: number, share: number) => sum + share) - 1) < 1e-6)
    const raw = await predict(job.id, { features: [[36, 'Biscoe', true, '2009-11-12']], output: 'raw' })
    assert.equal(raw.body.predictions[0].length, 3)
    const shares = raw.body.predictions[0].map(Math.exp)
    const sum = shares.reduce((total: number, share: number) => total + share)
    for (const [at, share] of likely.body.predictions[0].entries()) assert.ok(Math.abs(share - shares[at] / sum) < 1e-6)
  })

  it('takes a level that training did not have for inputs of 0, or refuses it, and refuses cells of another type', async () => {
    const job = await trained(config({ training: { epochs: 2, batchSize: 16, seed: 5 } }))
    assert.equal((await predict(job.id, { rows: [{ ...row, island: 'Elsewhere' }] })).status, 200)
    const strict = await trained(
      config({
        training: { epochs: 2, batchSize: 16, seed: 5 },
        preprocessing: { unseen: 'error', missing: { bill: { strategy: 'mean' }, island: { strategy: 'mostFrequent' } } },
      }),
    )
    const wrong = await predict(strict.id, { rows: [{ bill: 'long', island: 'Elsewhere', ringed: 'perhaps', seen: '2009-02-30' }] })
    assert.deepEqual(
      assertProblem(wrong, 422, 'VALIDATION_FAILED').map(({ path, code }) => [path, code]),
      [
        ['/rows/0/bill', 'type'],
        ['/rows/0/island', 'unknown_level'],
        ['/rows/0/ringed', 'type'],
        ['/rows/0/seen', 'type'],
      ],
    )
    const missing = await predict(strict.id, { rows: [{ ...row, seen: null }] })
    assert.deepEqual(pathsOf(assertProblem(missing, 422, 'VALIDATION_FAILED')), ['/rows/0/seen'])
    assert.match(missing.body.errors[0].message, /rule is reject/)
  })

  it('refuses missing features in one validation error that names columns and counts, unless a rule says what becomes of them', async () => {
    const errors = await errorsOf({ preprocessing: {} })
    assert.deepEqual(pathsOf(errors), ['/preprocessing/missing'])
    assert.match(errors[0]?.message ?? '', /bill \(6\), island \(8\)/)
    const dropped = await trained(config({ preprocessing: { standardize: true, missing: { strategy: 'dropRows' } } }))
    // 6 bills, 8 islands, 2 labels, of which one row lacks two.
    const lacking = birdsTable()
      .split('\n')
      .slice(1)
      .filter((line) =>
        line
          .split(',')
          .slice(0, 3)
          .some((cell) => cell === '' || cell === 'NA'),
      ).length
    assert.equal(dropped.result.droppedRows, lacking)
    const { body } = await api.post('/v1/jobs?validateOnly=true', config({ preprocessing: { missing: { strategy: 'dropRows' } } }))
    assert.deepEqual([body.droppedRows, body.trainingRows + body.validationRows], [lacking, 120 - lacking])
  })

  it('holds back whole groups, the last rows, or the same share of each class', async () => {
    const held = async (validationSplit: object) => {
      const { body } = await api.post('/v1/jobs?validateOnly=true', config({ training: { epochs: 1, seed: 5, validationSplit } }))
      return [body.trainingRows, body.validationRows]
    }
    const [training = 0, validation = 0] = await held({ fraction: 0.25, by: 'group', column: 'nest' })
    assert.ok(validation >= 28 && validation <= 31 && training + validation === 118, `${training} + ${validation}`)
    assert.deepEqual(await held({ fraction: 0.25, by: 'order' }), [89, 29])
    assert.deepEqual(await held({ fraction: 0.25, by: 'label' }), [89, 29])
    const places = async (validationSplit: object) => pathsOf(await errorsOf({ training: { epochs: 1, validationSplit } }))
    assert.deepEqual(await places({ fraction: 0.25, by: 'group' }), ['/training/validationSplit/column'])
    assert.deepEqual(await places({ fraction: 0.25, by: 'group', column: 'nobody' }), ['/training/validationSplit/column'])
    assert.deepEqual(await places({ fraction: 0.25, by: 'order', column: 'nest' }), ['/training/validationSplit/column'])
    assert.deepEqual(await places({ fraction: 1.5, by: 'sideways' }), [
      '/training/validationSplit/by',
      '/training/validationSplit/fraction',
    ])
    await trained(
      config({ training: { epochs: 2, batchSize: 16, seed: 5, validationSplit: { fraction: 0.25, by: 'group', column: 'nest' } } }),
    )
  })

  it('finds the categories of a second table by their names, whatever their codes there', async () => {
    // Without Adelie the other two have other codes than in the first table.
    const [header, ...lines] = birdsTable().split('\n')
    const others = lines.filter((line) => /^(Chinstrap|Gentoo)/.test(line) && !line.includes('Biscoe'))
    const second = await upload([header, ...others].join('\n'))
    const training = { epochs: 60, batchSize: 16, seed: 5, validationDataset: { id: second } }
    const { result } = await trained(config({ training }))
    const [adelie, chinstrap, gentoo] = result.confusionMatrix.counts
    assert.deepEqual([adelie, result.confusionMatrix.over], [[0, 0, 0], 'validation'])
    assert.ok(chinstrap[1] >= chinstrap[0] + chinstrap[2] && gentoo[2] >= gentoo[0] + gentoo[1], JSON.stringify(result.confusionMatrix))
    const alien = await upload([header, ...others, 'Macaroni,50,Dream,true,2009-11-12,1', 'Macaroni,50,Dream,true,2009-11-12,1'].join('\n'))
    const errors = await errorsOf({ training: { ...training, validationDataset: { id: alien } } })
    assert.match(errors[0]?.message ?? '', /"species" has a level that the job's data lacks: Macaroni/)
  })

  it('reaches an R² above 0.95 for prices per square metre whose scale is learned, and predicts in their unit', async () => {
    const lines = Array.from({ length: 200 }, (_, at) => {
      const size = 30 + ((at * 37) % 170)
      return `${size},${900 * size + 40_000 + ((at * 53) % 41) * 200}`
    })
    const id = await upload(['size,price', ...lines].join('\n'))
    const request = {
      dataset: { id, labels: ['price'] },
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', learningRate: 0.05 },
      training: { epochs: 40, batchSize: 20, seed: 3 },
      preprocessing: { standardize: true, standardizeLabels: true },
      metrics: ['r2', 'rmse'],
    }
    const job = await trained(request)
    const { body } = await api.get(`/v1/jobs/${job.id}/epochs?from=40`)
    const [last] = body.data
    assert.ok(last.metrics.r2 > 0.95, JSON.stringify(last))
    // The loss of squares is told in squares of the unit.
    assert.ok(Math.abs(Math.sqrt(last.loss) / last.metrics.rmse - 1) < 1e-4, JSON.stringify(last))
    const { body: told } = await predict(job.id, { rows: [{ size: 100 }] })
    assert.ok(told.output === 'raw' && Math.abs(told.predictions[0][0] - 134_000) < 4000, JSON.stringify(told))
    const stopped = await trained({ ...request, training: { ...request.training, epochs: 1000, stopAtLoss: 1e8 } })
    assert.ok(stopped.result.loss <= 1e8 && stopped.result.stopReason === 'stopAtLoss')
  })

  it('is cross-validated by a sweep: every row is held back once, and measures come with mean and spread over the folds', async () => {
    const folds = { count: 4, by: 'label' }
    const base = config({ training: { epochs: 40, batchSize: 16, seed: 5, folds } })
    const { status, body } = await api.post('/v1/sweeps', { base, grid: { 'optimizer.learningRate': [0.05, 0.0001] } })
    assert.equal(status, 202, JSON.stringify(body))
    assert.equal(body.jobs.length, 8)
    for (const { jobId } of body.jobs) await api.bench.ended(jobId)
    const { body: sweep } = await api.get(`/v1/sweeps/${body.id}`)
    assert.equal(sweep.rankedBy, 'perExampleValidationLoss')
    const [best, other] = sweep.crossValidation
    assert.deepEqual(
      [best.point, best.folds, best.succeeded, other.point],
      [{ 'optimizer.learningRate': 0.05 }, 4, 4, { 'optimizer.learningRate': 0.0001 }],
    )
    const ofBest = sweep.jobs.filter(({ point }: { point: Record<string, number> }) => point['optimizer.learningRate'] === 0.05)
    const scores = ofBest.map(({ metrics }: { metrics: Record<string, number> }) => metrics.validationAccuracy ?? Number.NaN)
    const mean = scores.reduce((sum: number, score: number) => sum + score) / 4
    const spread = Math.sqrt(scores.reduce((sum: number, score: number) => sum + (score - mean) ** 2, 0) / 4)
    assert.ok(
      Math.abs(best.measures.validationAccuracy.mean - mean) < 1e-12 && Math.abs(best.measures.validationAccuracy.std - spread) < 1e-12,
    )
    assert.ok(best.measures.validationLoss.mean < other.measures.validationLoss.mean)
    const held = await Promise.all(
      ofBest.map(async ({ jobId }: { jobId: string }) => (await api.get(`/v1/jobs/${jobId}`)).body.result.confusionMatrix.counts),
    )
    const classes = species.map((_, at) =>
      held.reduce((sum, counts) => sum + counts[at].reduce((of: number, count: number) => of + count), 0),
    )
    assert.deepEqual(classes, [40, 40, 38])
  })

  it('says of folds what they need', async () => {
    const places = async (training: object) => pathsOf(await errorsOf({ training: { epochs: 1, seed: 5, ...training } }))
    assert.deepEqual(await places({ folds: 4 }), ['/training/fold'])
    assert.deepEqual(await places({ folds: 4, fold: 5 }), ['/training/fold'])
    assert.deepEqual(await places({ fold: 2 }), ['/training/fold'])
    assert.deepEqual(await places({ folds: 4, fold: 1, validationSplit: 0.2 }), ['/training/validationSplit'])
    assert.deepEqual(await places({ folds: { count: 4, by: 'group' }, fold: 1 }), ['/training/folds/column'])
    assert.deepEqual(await places({ folds: { count: 13, by: 'group', column: 'nest' }, fold: 1 }), ['/training/folds/column'])
    assert.deepEqual(await places({ folds: 1, fold: 1 }), ['/training/folds'])
    const none = await api.post('/v1/sweeps', { base: config() })
    assert.deepEqual(pathsOf(assertProblem(none, 422, 'VALIDATION_FAILED')), ['/grid'])
  })

  it('is read from the database once: the next job on it needs no row of it, and ends with the same bits', async () => {
    const id = await upload(birdsTable())
    const training = { epochs: 2, batchSize: 16, seed: 5 }
    const request = config({ dataset: { ...config().dataset, id }, training })
    const lossesOf = async (job: { id: string }) =>
      (await api.get(`/v1/jobs/${job.id}/epochs`)).body.data.map(({ loss }: { loss: number }) => loss)
    const first = await lossesOf(await trained(request))
    await api.bench.database.prisma.datasetChunk.deleteMany({ where: { datasetId: id, kind: 'values' } })
    assert.deepEqual(await lossesOf(await trained(request)), first)
  })
})
