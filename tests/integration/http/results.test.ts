/** What a job left behind, as a worker wrote it and the API reads it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { epochColumnList } from '../../../src/contracts/epoch-columns.ts'
import { createLeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { batch, report } from '../../support/batches.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let id: string
const epochs = 100
before(async () => {
  api = await openTestApi()
  id = (await api.post('/v1/jobs', notebook({ training: { epochs } }))).body.id
  const lease = createLeaseRepository(api.bench.database)
  const claimed = await lease.claim({ gpu: false })
  assert.ok(claimed)
  const tensor = (name: string, values: number[] | null) => ({ name, shape: [1], values: values && Float32Array.from(values), norm: 1.5 })
  const reports = Array.from({ length: epochs }, (_, at) => ({
    ...report(at + 1, at === 49 ? 1000 : 1 / (at + 1)),
    gradients: [tensor('layers.0.weight', [at + 1]), tensor('layers.0.bias', at === 0 ? [Number.NaN] : null)],
    weights: at % 2 === 1 ? [tensor('layers.0.weight', [0.1]), tensor('layers.0.bias', [at])] : [],
    metrics: { mae: at === 0 ? Number.POSITIVE_INFINITY : 0.25 },
  }))
  await lease.commit(claimed, batch({ epochs: reports, fraction: 1 }))
})
after(() => api.close())

const read = async (path: string) => {
  const answer = await api.get(`/v1/jobs/${id}/${path}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

describe('epochs', () => {
  it('epochs are all there in order, with infinities by name', async () => {
    const { data } = await read('epochs')
    assert.equal(data.length, epochs)
    assert.deepEqual(data[0], {
      epoch: 1,
      loss: 1,
      batchLoss: 0.25,
      validationLoss: null,
      learningRate: 0.03,
      gradientNorm: 1.5,
      seconds: 0.125,
      metrics: { mae: 'Infinity' },
    })
  })

  it('epochs are read by range, both ends included', async () => {
    const { data } = await read('epochs?from=10&to=12')
    assert.deepEqual(
      data.map(({ epoch }: { epoch: number }) => epoch),
      [10, 11, 12],
    )
    assert.deepEqual((await read('epochs?from=101')).data, [])
  })

  it('epochs are thinned out to the points that show the curve: its ends and its peak stay', async () => {
    const { data } = await read('epochs?maxPoints=8')
    const picked = data.map(({ epoch }: { epoch: number }) => epoch)
    assert.equal(picked.length, 8)
    assert.ok(picked.includes(1) && picked.includes(50) && picked.includes(100), String(picked))
  })
})

describe('curves of several jobs', () => {
  it('curves of several jobs come in one answer in the order asked for, each with its ends and its peak', async () => {
    const other = (await api.submit()).id
    const { body } = await api.get(`/v1/epochs?job=${other}&job=${id}&maxPoints=8`)
    assert.deepEqual(body.data[0], { jobId: other, points: [], last: null, min: null, max: null, best: null })
    const [first, ...points] = body.data[1].points
    assert.deepEqual([body.data[1].jobId, first, points.length], [id, [1, 1], 7])
    assert.ok(points.some(([epoch, loss]: number[]) => epoch === 50 && loss === 1000))
    assert.deepEqual(points.at(-1), [epochs, 1 / epochs])
  })

  it('curves are of any number of the epochs: what is not finite has its name, what was not measured has no point', async () => {
    const pointsOf = async (metric: string) => (await api.get(`/v1/epochs?job=${id}&maxPoints=3&metric=${metric}`)).body.data[0].points
    assert.deepEqual((await pointsOf('mae'))[0], [1, 'Infinity'])
    assert.deepEqual((await pointsOf('mae')).at(-1), [epochs, 0.25])
    assert.deepEqual((await pointsOf('gradientNorm'))[0], [1, 1.5])
    for (const metric of ['validationLoss', 'validationMae', 'accuracy']) assert.deepEqual(await pointsOf(metric), [], metric)
  })

  it('curves tell their last, smallest, largest and best value of all epochs, however few of them they have', async () => {
    const curveOf = async (metric: string) => {
      const { better, data } = (await api.get(`/v1/epochs?job=${id}&maxPoints=1&metric=${metric}`)).body
      return [better, data[0].last, data[0].min, data[0].max, data[0].best]
    }
    const last = [epochs, 1 / epochs]
    assert.deepEqual(await curveOf('loss'), ['lower', last, last, [50, 1000], last])
    assert.deepEqual(await curveOf('mae'), ['lower', [epochs, 0.25], [2, 0.25], [2, 0.25], [2, 0.25]], 'what is not finite is neither')
    assert.deepEqual(await curveOf('learningRate'), [null, [epochs, 0.03], [1, 0.03], [1, 0.03], null])
    assert.deepEqual(await curveOf('validationAccuracy'), ['higher', null, null, null, null])
  })

  it('curves that have not changed are not sent again', async () => {
    const asked = `/v1/epochs?job=${id}`
    const { headers } = await api.get(asked)
    const known = { 'if-none-match': headers.etag ?? '' }
    assert.deepEqual([(await api.get(asked, known)).status, (await api.get(asked, known)).body], [304, ''])
    assert.equal((await api.get(`${asked}&metric=mae`, known)).status, 200, 'another question')
    const { id: next } = await api.submit()
    const both = `${asked}&job=${next}`
    const tag = (await api.get(both)).headers.etag ?? ''
    await api.post(`/v1/jobs/${next}/cancel`)
    assert.equal((await api.get(both, { 'if-none-match': tag })).status, 200, 'a job that moved')
  })

  it('curves of a job that is not there are a 404 that names it, and too many jobs a 422', async () => {
    const errors = assertProblem(await api.get(`/v1/epochs?job=${id}&job=job_none&job=`), 404, 'NOT_FOUND')
    assert.deepEqual(
      errors.map(({ path, value }) => [path, value]),
      [
        ['/job/1', 'job_none'],
        ['/job/2', ''],
      ],
    )
    const many = Array.from({ length: 51 }, (_, at) => `job=job_${at}`).join('&')
    for (const [query, path] of [
      [many, '/job'],
      ['', '/job'],
      [`job=${id}&job=${id}`, '/job'],
      [`job=${id}&metric=los`, '/metric'],
      [`job=${id}&maxPoints=10001`, '/maxPoints'],
      [`job=${id}&maxPoints=2&maxPoints=3`, '/maxPoints'],
    ])
      assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/epochs?${query}`), 422, 'VALIDATION_FAILED')), [path], query)
  })
})

describe('the list of epoch columns', () => {
  const names = epochColumnList.map(([name]) => name)

  it('the list of epoch columns names what the database stores, what the API answers and what its document describes', async () => {
    const stored = await api.bench.database.prisma.$queryRaw<{ name: string; type: string }[]>`
      select column_name as name, udt_name as type from information_schema.columns where table_name = 'Epoch'`
    assert.deepEqual(stored.map(({ name }) => name).sort(), ['jobId', 'epoch', ...names].sort())
    for (const [name, { kind }] of epochColumnList)
      assert.equal(stored.find((column) => column.name === name)?.type, kind === 'named' ? 'jsonb' : 'float8', name)

    const { data } = await read('epochs?to=1')
    assert.deepEqual(Object.keys(data[0]), ['epoch', ...names])

    const { body: document } = await api.get('/openapi.json')
    assert.deepEqual(document.components.schemas.Epoch.required, ['epoch', ...names])
    const { example } = document.paths['/v1/jobs/{id}/epochs'].get.responses[200].content['application/json']
    assert.deepEqual(Object.keys(example.data[0]), ['epoch', ...names])
  })
})

describe('gradients', () => {
  it('gradients of all epochs come in order, values where they were recorded', async () => {
    const { data } = await read('gradients')
    assert.equal(data.length, 2 * epochs)
    assert.deepEqual(data[0], { epoch: 1, parameter: 'layers.0.weight', shape: [1], values: [1], norm: 1.5 })
    assert.deepEqual(data[1], { epoch: 1, parameter: 'layers.0.bias', shape: [1], values: ['NaN'], norm: 1.5 })
    assert.deepEqual(data.at(-1), { epoch: 100, parameter: 'layers.0.bias', shape: [1], norm: 1.5 })
  })

  it('gradients are chosen by epoch and parameter, or reduced to their norms', async () => {
    assert.deepEqual((await read('gradients?epoch=7&parameter=layers.0.weight')).data, [
      { epoch: 7, parameter: 'layers.0.weight', shape: [1], values: [7], norm: 1.5 },
    ])
    const { data } = await read('gradients?epoch=7&reduce=norm')
    assert.deepEqual(data, [
      { epoch: 7, parameter: 'layers.0.weight', shape: [1], norm: 1.5 },
      { epoch: 7, parameter: 'layers.0.bias', shape: [1], norm: 1.5 },
    ])
  })

  it('gradients of a long run are thinned out to the epochs that show the norm', async () => {
    for (const [query, perEpoch] of [
      ['', 2],
      ['&parameter=layers.0.bias', 1],
    ] as const) {
      const { data } = await read(`gradients?reduce=norm&maxPoints=7${query}`)
      assert.equal(data.length, 7 * perEpoch)
      assert.deepEqual([data[0].epoch, data.at(-1).epoch], [1, epochs])
    }
    assert.deepEqual((await read('gradients?maxPoints=2&parameter=layers.0.weight')).data[1].values, [epochs])
  })

  it('gradients of a parameter that the job does not train are a 404 that names those it does, whatever is kept', async () => {
    const silent = (await api.post('/v1/jobs', notebook({ record: { gradients: 'none', weights: 'last' } }))).body.id
    for (const path of [
      `${id}/gradients?epoch=3&parameter=layers.9.weight`,
      `${id}/gradients?parameter=layers.0.weigth`,
      `${silent}/gradients?parameter=0.weight`,
    ]) {
      const [error] = assertProblem(await api.get(`/v1/jobs/${path}`), 404, 'NOT_FOUND')
      assert.deepEqual([error?.path, error?.code], ['/parameter', 'no_such_parameter'])
      assert.match(error?.message ?? '', /layers\.0\.weight, layers\.0\.bias/)
    }
    assert.deepEqual((await api.get(`/v1/jobs/${silent}/gradients?parameter=layers.0.weight`)).body, { data: [] })
  })
})

describe('weights', () => {
  it('weights are of the last recorded epoch unless another is asked for', async () => {
    const weights = await read('weights')
    assert.deepEqual(weights, {
      jobId: id,
      epoch: 100,
      parameters: [
        { name: 'layers.0.weight', shape: [1], values: [Math.fround(0.1)], norm: 1.5 },
        { name: 'layers.0.bias', shape: [1], values: [99], norm: 1.5 },
      ],
    })
    assert.equal((await read('weights?epoch=2')).parameters[1].values[0], 1)
  })

  it('weights that were not recorded are not there', async () => {
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${id}/weights?epoch=3`), 404, 'NOT_FOUND')), ['/epoch'])
    const { body } = await api.post('/v1/jobs', notebook())
    assertProblem(await api.get(`/v1/jobs/${body.id}/weights`), 404, 'NOT_FOUND')
    assert.deepEqual((await api.get(`/v1/jobs/${body.id}/gradients`)).body, { data: [] })
  })
})

describe('events', () => {
  it('events come in order, without gaps, also after a number', async () => {
    const { data } = await read('events')
    assert.deepEqual(
      data.map(({ seq, type }: { seq: number; type: string }) => [seq, type]),
      [
        [1, 'queued'],
        [2, 'started'],
      ],
    )
    assert.equal((await read('events?after=1')).data[0].type, 'started')
  })
})

it('a wrong query is named', async () => {
  for (const [path, error] of [
    ['epochs?maxPoints=0', '/maxPoints'],
    ['epochs?from=x', '/from'],
    ['epochs?from=3&to=2', '/to'],
    ['gradients?reduce=half', '/reduce'],
    ['weights?epoch=0', '/epoch'],
    ['events?after=-1', '/after'],
  ])
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/jobs/${id}/${path}`), 422, 'VALIDATION_FAILED')), [error])
})
