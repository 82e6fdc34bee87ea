/** Answers that would be large: lists leave out what is long and end where they have enough bytes, the rest is read while it is sent. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { storeDataset, storeJob } from '../../support/jobs.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

const run = (sql: string) => api.bench.database.prisma.$executeRawUnsafe(sql)
const largestPage = 1_300_000

/** All entries of a list, page by page; each page is small, and says rightly whether another follows. */
const readAll = async (path: string) => {
  const entries = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await api.send({ method: 'GET', url: `${path}?limit=100${cursor ? `&after=${cursor}` : ''}` })
    assert.equal(answer.status, 200)
    assert.ok(JSON.stringify(answer.body).length < largestPage)
    assert.equal(answer.body.hasMore, answer.body.nextCursor !== null)
    assert.ok(answer.body.data.length > 0)
    entries.push(...answer.body.data)
    cursor = answer.body.nextCursor
  }
  return entries
}

describe('a list of jobs', () => {
  it('a list of jobs shows configs without their long lists, which the job itself has', async () => {
    const values = Array.from({ length: 500 }, (_, at) => at)
    const model = { layers: [{ type: 'dense', units: 250 }], initialWeights: { 'layers.0.weight': { shape: [2, 250], values } } }
    const synthetic = { kind: 'linear', weights: Array.from({ length: 300 }, () => 1), examples: 10 }
    const { id: weighted } = await api.submit({
      model,
      loss: { type: 'crossEntropy' },
      dataset: { synthetic: { kind: 'moons', examples: 10 } },
    })
    const { id: wide } = await api.submit({ dataset: { synthetic } })
    const { data } = (await api.get('/v1/jobs?limit=2')).body
    assert.deepEqual(
      data.map((job: { id: string; omitted: string[] }) => [job.id, job.omitted]),
      [
        [wide, ['/config/dataset/synthetic/weights']],
        [weighted, ['/config/model/initialWeights/layers.0.weight/values']],
      ],
    )
    assert.deepEqual(data[1].config.model.initialWeights, { 'layers.0.weight': { shape: [2, 250] } })
    const whole = (await api.get(`/v1/jobs/${weighted}`)).body
    assert.deepEqual(whole.config.model.initialWeights['layers.0.weight'].values, values)
    assert.equal(whole.omitted, undefined)
  })

  it('a list of jobs ends a page where it has enough bytes, and loses no job', async () => {
    const datasetId = await storeDataset(api.bench.database)
    const id = await storeJob(api.bench.database, datasetId, { config: { metadata: {} } })
    // Results are as long as a dataset is wide, and no list leaves them out.
    await run(`insert into "Job" (id, tenant, status, config, "datasetId", epochs, result)
      select 'job_' || lpad(n::text, 26, '0'), tenant, 'succeeded', config, "datasetId", epochs,
        jsonb_build_object('loss', 1, 'weights', (select jsonb_agg(random()) from generate_series(1, 10000)))
      from "Job", generate_series(1, 30) as n where id = '${id}'`)
    await run(`delete from "Job" where id = '${id}'`)
    const ids = (await readAll('/v1/jobs')).map((job) => job.id)
    assert.ok(ids.length >= 30)
    assert.equal(new Set(ids).size, await api.bench.database.prisma.job.count())
  })
})

describe('a wide dataset', () => {
  const width = 5000
  const names = Array.from({ length: width }, (_, at) => `column ${at}`)
  let id: string
  before(async () => {
    const rows = Array.from({ length: 600 }, (_, row) => names.map((_, at) => (row + at) % 10).join(','))
    const answer = await api.post('/v1/datasets', `${names.join(',')}\n${rows.join('\n')}\n`, { 'content-type': 'text/csv' })
    assert.equal(answer.status, 201)
    assert.equal(answer.body.columns.length, width)
    id = answer.body.id
  })

  it('a wide dataset shows all of its columns by its id, and in lists their number and the first hundred', async () => {
    const { body } = await api.get(`/v1/datasets/${id}`)
    assert.equal(body.columns.length, width)
    for (const key of ['max', 'mean', 'min', 'missing', 'name', 'role', 'std', 'type']) assert.ok(key in body.columns[0], key)
    const listed = (await readAll('/v1/datasets')).find((dataset) => dataset.id === id)
    assert.deepEqual([listed.id, listed.columnCount, listed.columns.length, listed.omitted], [id, width, 100, ['/columns']])
    assert.deepEqual(listed.columns, body.columns.slice(0, 100))
  })

  it('a wide dataset gives a mini-batch of so many values at most, and says how many rows that is', async () => {
    const refused = await api.get(`/v1/datasets/${id}/batch?batchSize=10000`)
    const [error] = assertProblem(refused, 422, 'VALIDATION_FAILED')
    assert.equal(error?.path, '/batchSize')
    assert.match(error?.message ?? '', /at most 500$/)
    const { body } = await api.get(`/v1/datasets/${id}/batch?batchSize=500&seed=1`)
    assert.equal(body.features.length, 500)
    for (const row of body.features.slice(0, 3))
      assert.deepEqual(
        row,
        names.map((_, at) => (row[0] + at) % 10),
      )
  })

  it('also where it is generated', async () => {
    const synthetic = { kind: 'linear', weights: names.map(() => 1), examples: 20_000 }
    const made = await api.post('/v1/datasets', { synthetic })
    assert.equal(made.status, 201)
    assertProblem(await api.get(`/v1/datasets/${made.body.id}/batch?batchSize=10000`), 422, 'VALIDATION_FAILED')
    const { body } = await api.get(`/v1/datasets/${made.body.id}/batch?batchSize=499&seed=1`)
    assert.deepEqual([body.features.length, body.features[0].length, body.labels.length], [499, width, 499])
    const listed = (await readAll('/v1/datasets')).find((dataset) => dataset.id === made.body.id)
    assert.deepEqual(listed.omitted, ['/synthetic/weights', '/columns'])
    assert.equal(listed.synthetic.examples, 20_000)
  })
})

describe('a list of sweeps', () => {
  it('a list of sweeps shows how many jobs of each have which status, without tables and long lists', async () => {
    const weights = Array.from({ length: 300 }, () => 1)
    const base = notebook({ dataset: { synthetic: { kind: 'linear', weights, examples: 10 } } })
    const { body } = await api.post('/v1/sweeps', { base, grid: { 'training.epochs': [1, 2] } })
    await api.post(`/v1/jobs/${body.jobs[0].jobId}/cancel`)
    const [listed] = (await api.get('/v1/sweeps')).body.data
    assert.equal(listed.id, body.id)
    assert.deepEqual(listed.jobCounts, { queued: 1, cancelled: 1 })
    assert.equal(listed.status, 'running')
    assert.deepEqual(listed.omitted, ['/base/dataset/synthetic/weights'])
    assert.deepEqual(listed.grid, { 'training.epochs': [1, 2] })
    assert.equal(listed.jobs, undefined)
    assert.deepEqual((await api.get(`/v1/sweeps/${body.id}`)).body.base.dataset.synthetic.weights, weights)
  })
})

describe('large results', () => {
  it('large results are deleted with their job, however many statements that takes', async () => {
    const id = await storeJob(api.bench.database, await storeDataset(api.bench.database), { epochs: 1 })
    await run(`insert into "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, values)
      select '${id}', 'gradient', n, 0, 'layers.0.weight', '{1048576}', 1, decode(repeat('00', 4194304), 'hex') from generate_series(1, 40) as n`)
    await run(`insert into "Blob" (id, "jobId", token, kept, "pieceBytes")
      values ('11111111-1111-4111-8111-111111111111', '${id}', '11111111-1111-4111-8111-111111111111', true, 4194304)`)
    await run(`insert into "BlobPiece" ("blobId", index, bytes)
      select '11111111-1111-4111-8111-111111111111', n, decode(repeat('00', 4194304), 'hex') from generate_series(1, 40) as n`)
    await run(`update "Job" set status = 'succeeded', "finishedAt" = now() where id = '${id}'`)
    assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
    assert.equal((await api.get(`/v1/jobs/${id}`)).status, 404)
  })
})

describe('a long history', () => {
  const epochs = 120_000
  let id: string
  before(async () => {
    id = await storeJob(api.bench.database, await storeDataset(api.bench.database), { epochs })
    await run(`insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "learningRate", "gradientNorm", seconds)
      select '${id}', n, case n when 7 then 'NaN' when 8 then '-Infinity' when 60000 then 1000 else 1.0 / n end, 1e-7, 0.1, 'Infinity', 0.01
      from generate_series(1, ${epochs}) as n`)
    await run(`update "Job" set epoch = ${epochs} where id = '${id}'`)
    await run(
      `insert into "Event" ("jobId", seq, type, data) select '${id}', n, 'epoch', jsonb_build_object('epoch', n - 1) from generate_series(2, 12001) as n`,
    )
  })

  it('a long history is told whole and in order', async () => {
    const { data } = (await api.get(`/v1/jobs/${id}/epochs`)).body
    assert.equal(data.length, epochs)
    assert.ok(data.every(({ epoch }: { epoch: number }, at: number) => epoch === at + 1))
    assert.deepEqual(data[6], {
      epoch: 7,
      loss: 'NaN',
      batchLoss: 1e-7,
      validationLoss: null,
      learningRate: 0.1,
      gradientNorm: 'Infinity',
      seconds: 0.01,
      metrics: {},
    })
    assert.equal(data[7].loss, '-Infinity')
    const part = (await api.get(`/v1/jobs/${id}/epochs?from=1999&to=4001`)).body.data
    assert.deepEqual([part.length, part[0].epoch, part.at(-1).epoch], [2003, 1999, 4001])
  })

  it('a long history is thinned out over its whole length', async () => {
    const { data } = (await api.get(`/v1/jobs/${id}/epochs?maxPoints=3000`)).body
    assert.equal(data.length, 3000)
    const picked = data.map(({ epoch }: { epoch: number }) => epoch)
    for (const kept of [1, 60_000, epochs]) assert.ok(picked.includes(kept), String(kept))
    assert.deepEqual(
      picked,
      picked.toSorted((a: number, b: number) => a - b),
    )
  })

  it('a long history of events ends at its limit', async () => {
    const read = async (query: string) => (await api.get(`/v1/jobs/${id}/events${query}`)).body.data.map(({ seq }: { seq: number }) => seq)
    assert.equal((await read('')).length, 10_000)
    assert.deepEqual(await read('?after=12000&limit=600'), [12_001])
    assert.deepEqual([(await read('?after=100&limit=600')).at(-1), (await read('?limit=1')).length], [700, 1])
  })

  it('a long history is read no faster than its client takes it', async () => {
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as AddressInfo
    const request = get({ port, path: `/v1/jobs/${id}/epochs` })
    const [response] = await once(request, 'response')
    await once(response, 'readable')
    // Deleted while it is being read: what was read beforehand can only be a part.
    await run(`delete from "Epoch" where "jobId" = '${id}' and epoch > 100000`)
    let text = ''
    for await (const chunk of response) text += chunk
    const told = JSON.parse(text).data.length
    assert.ok(told >= 100_000 && told < epochs, `${told} epochs`)
  })

  it('a long history is not read for an answer without a body', async () => {
    const { statusCode, body } = await api.app.inject({ method: 'HEAD', url: `/v1/jobs/${id}/epochs` })
    assert.deepEqual([statusCode, body], [200, ''])
  })

  it('a long history goes with its job', async () => {
    await run(`update "Job" set status = 'cancelled' where id = '${id}'`)
    assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
    const { prisma } = api.bench.database
    assert.deepEqual([await prisma.epoch.count({ where: { jobId: id } }), await prisma.event.count({ where: { jobId: id } })], [0, 0])
  })
})

describe('an epoch that is not there', () => {
  it('an epoch that is not there is a 404 that says how far the job is', async () => {
    const { id } = await api.submit({ training: { epochs: 5 }, record: { gradients: 'none', weights: 'last' } })
    await run(`update "Job" set epoch = 2, status = 'running' where id = '${id}'`)
    for (const path of [
      'gradients?epoch=3',
      'gradients?epoch=3&reduce=norm',
      'weights?epoch=3',
      'epochs?from=3&to=3',
      'epochs?from=3&to=9',
      'weights/3.bin',
    ]) {
      const answer = await api.get(`/v1/jobs/${id}/${path}`)
      assert.deepEqual(pathsOf(assertProblem(answer, 404, 'NOT_FOUND')), ['/epoch'], path)
      assert.match(answer.body.detail, /epoch 3 is not there yet: the job has finished 2 of 5/, path)
    }
    assert.match((await api.get(`/v1/jobs/${id}/gradients?epoch=6`)).body.detail, /there is no epoch 6: the job has 5/)
    assert.match((await api.get(`/v1/jobs/${id}/gradients?epoch=2`)).body.detail, /no gradients are kept of epoch 2/)
    await run(`update "Job" set status = 'cancelled' where id = '${id}'`)
    assert.match((await api.get(`/v1/jobs/${id}/weights?epoch=3`)).body.detail, /the job ended after 2 of 5/)
    assert.deepEqual((await api.get(`/v1/jobs/${id}/epochs?from=3`)).body, { data: [] })
  })
})
