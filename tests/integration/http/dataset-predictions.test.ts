/** Predictions for whole datasets: what workers make, held to what the row form answers, and what is refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { assertNear, assertSameRow, numbersOf, predicting } from '../../support/dataset-predictions.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

const { made, trained, upload, predict, rowsOf } = predicting(() => api)

/** Sizes, a category, a missing cell, and a category to tell. */
const animals = Array.from({ length: 60 }, (_, at) => ({
  weight: at % 7 === 3 ? null : 1 + (at % 20),
  home: ['lake', 'wood', 'hill'][at % 3],
  kind: at % 20 > 9 ? 'large, wild' : 'small',
}))
const animalJob = (dataset: string, parts: object = {}) => ({
  dataset: { id: dataset, features: ['weight', 'home'], labels: ['kind'] },
  model: { layers: [{ type: 'dense', units: 2 }] },
  loss: { type: 'crossEntropy' },
  optimizer: { type: 'adam', learningRate: 0.05 },
  training: { epochs: 20, batchSize: 10, seed: 3 },
  metrics: ['accuracy', 'f1'],
  preprocessing: { standardize: true, missing: { strategy: 'median' } },
  ...parts,
})

describe('a table of the service', () => {
  let job: string
  let dataset: string
  before(async () => {
    dataset = await upload({ rows: animals })
    job = await trained(animalJob(dataset))
  })

  it('gives each row what the row form gives it, in every form, and the same metrics', async () => {
    const features = animals.map(({ weight, home }) => [weight, home])
    const labels = animals.map(({ kind }) => [kind])
    for (const output of ['class', 'probability', 'raw']) {
      const told = await made(api.post(`/v1/jobs/${job}/predictions`, { features, labels, output }))
      const found = await predict(job, { dataset: { id: dataset }, output })
      assert.equal(found.output, output)
      assert.equal(found.epoch, told.epoch)
      assert.deepEqual(found.classes, told.classes)
      assert.deepEqual(found.progress, { rows: 60, of: 60, fraction: 1 })
      const rows = await rowsOf(found.id)
      assert.deepEqual(
        rows.map(({ row }) => row),
        animals.map((_, at) => at),
      )
      for (const [at, line] of rows.entries()) assertSameRow(line, told.predictions[at])
      assert.deepEqual(Object.keys(found.metrics).sort(), ['accuracy', 'f1', 'loss'])
      for (const [name, value] of Object.entries(found.metrics)) assertNear(value as number, told.metrics[name])
      assert.equal(
        found.confusion.flat().reduce((sum: number, count: number) => sum + count, 0),
        60,
      )
      assertNear((found.confusion[0][0] + found.confusion[1][1]) / 60, told.metrics.accuracy)
    }
  })

  it('is told as CSV too, its classes quoted where they must be', async () => {
    const { id } = await predict(job, { dataset: { id: dataset } })
    const { headers, body } = await api.get(`/v1/predictions/${id}/rows`, { accept: 'text/csv' })
    assert.match(headers['content-type'] ?? '', /^text\/csv/)
    const lines = body.trimEnd().split('\n')
    assert.equal(lines[0], 'row,prediction')
    assert.equal(lines.length, 61)
    assert.ok(lines.includes('10,"large, wild"'), body)
    const named = await predict(job, { dataset: { id: dataset }, output: 'probability' })
    const probabilities = (await api.get(`/v1/predictions/${named.id}/rows?format=csv`)).body.split('\n')
    assert.equal(probabilities[0].replaceAll('"', ''), `row,${named.classes.map((name: string) => `probability.${name}`).join(',')}`)
    assertProblem(await api.get(`/v1/predictions/${id}/rows`, { accept: 'image/png' }), 406, 'NOT_ACCEPTABLE')
  })

  it('may lack the labels, have its columns in another order and categories under other codes', async () => {
    const other = await upload({ rows: [...animals].reverse().map(({ weight, home }) => ({ other: 1, home, weight })) })
    const found = await predict(job, { dataset: { id: other }, output: 'raw' })
    assert.equal(found.metrics, null)
    assert.equal(found.confusion, null)
    const own = await rowsOf((await predict(job, { dataset: { id: dataset }, output: 'raw' })).id)
    assert.deepEqual(
      (await rowsOf(found.id)).map(({ prediction }) => prediction),
      own.reverse().map(({ prediction }) => prediction),
    )
    const errors = assertProblem(
      await api.post(`/v1/jobs/${job}/predictions`, { dataset: { id: other }, metrics: true }),
      422,
      'VALIDATION_FAILED',
    )
    assert.equal(errors[0]?.column, 'kind')
  })

  it('that does not fit is refused before anything is queued', async () => {
    const refused = async (rows: object[], job_ = job, body: object = {}) =>
      assertProblem(
        await api.post(`/v1/jobs/${job_}/predictions`, { dataset: { id: await upload({ rows }) }, ...body }),
        422,
        'VALIDATION_FAILED',
      )
    const [lacking] = await refused([{ weight: 1 }])
    assert.deepEqual([lacking?.path, lacking?.column], ['/dataset/id', 'home'])
    assert.equal((await refused([{ weight: 'heavy', home: 'lake' }]))[0]?.column, 'weight')
    const strict = await trained(animalJob(dataset, { preprocessing: { missing: { strategy: 'median' }, unseen: 'error' } }))
    const [unseen] = await refused([{ weight: 1, home: 'moon' }], strict)
    assert.match(unseen?.message ?? '', /moon/)
    const [label] = await refused([{ weight: 1, home: 'lake', kind: 'odd' }], job, { metrics: true })
    assert.equal(label?.column, 'kind')
    const plain = await trained(
      animalJob(await upload({ rows: animals.map((row) => ({ ...row, weight: row.weight ?? 2 })) }), { preprocessing: {} }),
    )
    const withGap = [
      { weight: null, home: 'lake' },
      { weight: 2, home: 'lake' },
    ]
    const [gap, ...others] = await refused(withGap, plain)
    assert.deepEqual([gap?.path, gap?.code, gap?.column, others], ['/dataset/id', 'missing_values', 'weight', []])
    // A prediction has no preprocessing of its own: what it can do is to leave rows out.
    assert.match(
      gap?.message ?? '',
      /^column "weight" has 1 missing values, and the job fills none, its rule being reject: leave these rows out/,
    )
    const unknown = await api.post(`/v1/jobs/${job}/predictions`, { dataset: { id: 'ds_none' } })
    assert.deepEqual(pathsOf(assertProblem(unknown, 422, 'VALIDATION_FAILED')), ['/dataset/id'])
    const spec = { synthetic: { kind: 'linear', weights: [2], examples: 10 } }
    const columnless = assertProblem(await api.post(`/v1/jobs/${job}/predictions`, { dataset: spec }), 422, 'VALIDATION_FAILED')
    assert.deepEqual([...new Set(pathsOf(columnless))], ['/dataset/synthetic'])
    const two = await api.post(`/v1/jobs/${job}/predictions`, { dataset: { id: dataset }, rows: [{}] })
    assertProblem(two, 422, 'VALIDATION_FAILED')
  })

  it('a category that training never saw is inputs of 0, as in a row', async () => {
    const id = await upload({ rows: [{ weight: 3, home: 'moon' }] })
    const [only] = await rowsOf((await predict(job, { dataset: { id }, output: 'raw' })).id)
    const told = await made(api.post(`/v1/jobs/${job}/predictions`, { rows: [{ weight: 3, home: 'moon' }], output: 'raw' }))
    for (const [at, value] of numbersOf(only).entries()) assertNear(value, told.predictions[0][at])
  })

  it('neither job nor dataset are deleted while it is to be made; with the job it goes', async () => {
    const rows = await upload({ rows: animals.map(({ kind: _, ...row }) => row) })
    const own = await trained(animalJob(dataset))
    const { id } = await made(api.post(`/v1/jobs/${own}/predictions`, { dataset: { id: rows } }))
    await api.bench.database.prisma.prediction.update({
      where: { id },
      // Another worker's, for this test's time.
      data: { status: 'running', leaseToken: crypto.randomUUID(), leaseUntil: new Date(Date.now() + 3_600_000) },
    })
    assertProblem(await api.remove(`/v1/datasets/${rows}`), 409, 'CONFLICT')
    const { body } = await api.remove(`/v1/jobs/${own}`)
    assert.match(body.detail, new RegExp(id))
    assertProblem(await api.get(`/v1/predictions/${id}/rows`), 409, 'CONFLICT')
    assert.equal((await api.remove(`/v1/predictions/${id}`)).status, 204)
    assertProblem(await api.get(`/v1/predictions/${id}`), 404, 'NOT_FOUND')
    assert.equal((await api.remove(`/v1/datasets/${rows}`)).status, 204)
    const ended = await predict(own, { dataset: { id: dataset } })
    assert.equal((await api.remove(`/v1/jobs/${own}`)).status, 204)
    assertProblem(await api.get(`/v1/predictions/${ended.id}`), 404, 'NOT_FOUND')
    assert.equal(await api.bench.database.prisma.predictionChunk.count({ where: { predictionId: ended.id } }), 0)
  })
})

describe('rows that the service generates', () => {
  let job: string
  before(async () => {
    job = await trained(notebook({ metrics: ['rmse', 'r2'] }))
  })
  const synthetic = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 40_000, noiseStd: 0.01, seed: 9 }

  it('are predicted for in several chunks, with metrics, and no dataset stays', async () => {
    const before = await api.bench.database.prisma.dataset.count()
    const found = await predict(job, { dataset: { synthetic } })
    assert.equal(found.output, 'raw')
    assert.equal(found.confusion, null)
    assert.ok((await api.bench.database.prisma.predictionChunk.count({ where: { predictionId: found.id } })) > 2)
    assert.deepEqual(found.dataset, { synthetic })
    const rows = await rowsOf(found.id)
    assert.equal(rows.length, 40_000)
    const stored = await upload({ synthetic })
    const { data } = await made(api.get(`/v1/datasets/${stored}/rows?offset=39000&limit=1000`))
    const features = data.map(({ x1, x2 }: { x1: number; x2: number }) => [x1, x2])
    const told = await made(api.post(`/v1/jobs/${job}/predictions`, { features }))
    for (const [at, [value]] of told.predictions.entries()) assertNear(numbersOf(rows[39_000 + at])[0] ?? Number.NaN, value)
    const named = await predict(job, { dataset: { id: stored } })
    assert.deepEqual(named.metrics, found.metrics)
    assert.ok(found.metrics.rmse < 0.1 && found.metrics.r2 > 0.99, JSON.stringify(found.metrics))
    assertNear(found.metrics.loss, found.metrics.rmse ** 2, 1e-4)
    await api.remove(`/v1/predictions/${found.id}`)
    assert.ok((await api.bench.database.prisma.dataset.count()) <= before + 2)
  })

  it('are asked for by the name of a model, listed, filtered and paged', async () => {
    await made(api.send({ method: 'PUT', url: '/v1/models/lines', payload: { jobId: job, epoch: 2 } }))
    const { id, jobId } = await made(api.post('/v1/models/lines/predictions', { dataset: { synthetic: { ...synthetic, examples: 10 } } }))
    assert.equal(jobId, job)
    const { epoch } = (await api.get(`/v1/predictions/${id}?wait=60`)).body
    assert.equal(epoch, 2)
    const page = await made(api.get('/v1/predictions?limit=1&status=succeeded'))
    assert.equal(page.data[0].id, id)
    const next = await made(api.get(`/v1/predictions?limit=1&after=${page.nextCursor}&job=${job}`))
    assert.ok(next.data[0].id < id)
    assert.deepEqual((await made(api.get('/v1/predictions?status=failed'))).data, [])
    assert.equal((await api.get('/v1/predictions?job=')).status, 422)
  })

  it('a job that has not ended predicts for rows alone, since its weights change', async () => {
    const going = await api.submit({ device: 'gpu' })
    await api.bench.database.prisma.job.update({ where: { id: going.id }, data: { epoch: 1 } })
    assertProblem(await api.post(`/v1/jobs/${going.id}/predictions`, { dataset: { synthetic } }), 409, 'CONFLICT')
    const tooMany = { ...synthetic, weights: [2, -3.4], examples: 10 }
    assertProblem(await api.post('/v1/jobs/job_none/predictions', { dataset: { synthetic: tooMany } }), 404, 'NOT_FOUND')
    await api.post(`/v1/jobs/${going.id}/cancel`)
  })

  it('a request with an Idempotency-Key makes one prediction', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const body = { dataset: { synthetic: { ...synthetic, examples: 10 } } }
    const first = await api.post(`/v1/jobs/${job}/predictions`, body, headers)
    const again = await api.post(`/v1/jobs/${job}/predictions`, body, headers)
    assert.equal(again.headers['idempotent-replayed'], 'true')
    assert.equal(again.status, 202)
    assert.equal(again.body.id, first.body.id)
  })
})
