/** JSON bodies that are large, deep or wrong in a million places: read beside the process's own thread, and refused in few words. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createBodyBudget } from '../../../src/http/bodies/body-budget.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

const json = { 'content-type': 'application/json' }
/** Enough to be read in another thread. */
const padding = ' '.repeat(300_000)

describe('a large body', () => {
  it('a large body of rows comes to the same dataset as a small one', async () => {
    const body = JSON.stringify({
      features: [
        [1, 2.5],
        [3, 4],
      ],
      labels: [[1], [0]],
      inputShape: [2],
    })
    const small = await api.post('/v1/datasets', body, json)
    const large = await api.post('/v1/datasets', body + padding, json)
    assert.equal(large.status, 201, JSON.stringify(large.body))
    assert.deepEqual({ ...large.body, id: '', createdAt: '' }, { ...small.body, id: '', createdAt: '' })
    const batch = async (id: string) => (await api.get(`/v1/datasets/${id}/batch?batchSize=2&seed=1`)).body
    assert.deepEqual(await batch(large.body.id), await batch(small.body.id))
  })

  for (const [path, body] of Object.entries({
    '/v1/jobs': { ...notebook({ training: { epochs: -1, batchSize: 'x' } }), colour: 'red' },
    '/v1/datasets': { rows: [{ a: 1 }, { a: 'x', b: 2 }], features: ['c'] },
    '/v1/sweeps': { base: 1, grid: {} },
    '/v1/losses/mse/evaluate': { inputs: [], target: { shape: [1], values: ['x'] } },
  }))
    it(`a large body is refused by ${path} in the words that a small one is`, async () => {
      const small = await api.post(path, JSON.stringify(body), json)
      const large = await api.post(path, JSON.stringify(body) + padding, json)
      assert.deepEqual(assertProblem(large, 422, 'VALIDATION_FAILED'), assertProblem(small, 422, 'VALIDATION_FAILED'))
    })

  it('a large body that is no JSON is told so', async () => {
    assertProblem(await api.post('/v1/jobs', `{"a":${padding}`, json), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/jobs', padding, json), 400, 'MALFORMED_BODY')
  })

  it('a large body of many weights is queued with every one of them, and shown without being read again', async (t) => {
    const values = Array.from({ length: 30_000 }, (_, at) => Math.sin(at))
    const model = {
      layers: [
        { type: 'dense', units: 15_000 },
        { type: 'dense', units: 1 },
      ],
      initialWeights: { 'layers.0.weight': { shape: [2, 15_000], values } },
    }
    for (const path of ['/v1/jobs', '/v1/jobs?validateOnly=true']) {
      const { body } = await api.post(path, notebook({ model }))
      assert.deepEqual(body.config.model.initialWeights['layers.0.weight'].values, values, path)
    }
    const [{ id, config }] = (await api.get('/v1/jobs')).body.data
    assert.equal(config.model.initialWeights['layers.0.weight'].values, undefined, 'a list leaves them out')
    const [shown, parse] = [await api.get(`/v1/jobs/${id}`), t.mock.method(JSON, 'parse')]
    assert.deepEqual(shown.body.config.model.initialWeights['layers.0.weight'].values, values)
    await api.app.inject(`/v1/jobs/${id}`)
    const longest = Math.max(0, ...parse.mock.calls.map(({ arguments: [text] }) => String(text).length))
    assert.ok(longest < 100_000, `${longest} characters of JSON were read on the event loop to be written again`)
    parse.mock.restore()
    const claimed = await api.claim()
    assert.deepEqual(claimed.config.model.initialWeights?.['layers.0.weight']?.values, values)
  })

  it('a large body with as much else as no config has is refused', async () => {
    const grid = { 'optimizer.learningRate': Array.from({ length: 60_000 }, () => 0.125) }
    assertProblem(await api.post('/v1/sweeps', { base: notebook(), grid }), 422, 'VALIDATION_FAILED')
    const rows = Array.from({ length: 1_300_000 }, () => ({ x1: 1 }))
    const [error] = assertProblem(await api.post('/v1/jobs/job_x/predictions', { rows }), 422, 'VALIDATION_FAILED')
    assert.equal(error?.code, 'too_large')
  })
})

describe('unknown fields', () => {
  for (const [name, count] of Object.entries({ many: 2000, 'very many': 100_000 }))
    it(`unknown fields that are ${name} are counted as far as anybody needs to know, and a hundred listed`, async () => {
      const body = Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, at]))
      const answer = await api.post('/v1/jobs', body)
      assert.equal(assertProblem(answer, 422, 'VALIDATION_FAILED').length, 100)
      assert.match(answer.body.detail, /at least \d+ validation errors, of which the first 100 are listed/)
    })

  it('unknown fields are not repeated whole where their names are long', async () => {
    const answer = await api.post('/v1/jobs', { ['x'.repeat(100_000)]: 1 })
    assertProblem(answer, 422, 'VALIDATION_FAILED')
    assert.ok(JSON.stringify(answer.body).length < 5000)
  })
})

describe('a body that nests too deep', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

  for (const [name, body, path] of [
    ['brackets alone', '['.repeat(5_000_000), /^\/0\/0/],
    ['a value of a grid', `{"base":{},"grid":{"training.epochs":[1,${nested(3300)}]}}`, /^\/grid\/training\.epochs\/1\/0/],
    ['a base', `{"base":{"\\u0061b":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}}`, /^\/base\/ab\/a\/a/],
    ['text that looks like brackets before it', `{"metadata":{"a":"[[\\"[["},"x":${nested(100)}}`, /^\/x\/0/],
  ] as const)
    it(`a body that nests too deep is refused at its place: ${name}`, async () => {
      const [error] = assertProblem(await api.post('/v1/sweeps', body, json), 422, 'VALIDATION_FAILED')
      assert.equal(error?.code, 'too_deep')
      assert.match(error?.path ?? '', path)
    })

  it('a body that nests too deep may have 64 levels', async () => {
    const errors = assertProblem(await api.post('/v1/jobs', `{"a":${nested(63)}}`, json), 422, 'VALIDATION_FAILED')
    assert.ok(pathsOf(errors).includes('/a'))
  })
})

describe('the budget of large bodies', () => {
  it('the budget of large bodies lets the next one in once there is room, in order', async () => {
    const budget = createBodyBudget(10)
    const order: string[] = []
    const { giveBack } = await budget.take(8)
    const enter = async (name: string, size: number): Promise<void> => {
      const { giveBack: leave } = await budget.take(size)
      order.push(name)
      leave()
    }
    const later = [enter('large', 9), enter('small', 1)]
    giveBack()
    giveBack()
    await Promise.all(later)
    assert.deepEqual(order, ['large', 'small'])
  })

  it('the budget of large bodies tells who waited in vain to come again, and then takes the next', async () => {
    const budget = createBodyBudget(10, 20)
    await budget.take(8)
    const [large, small] = await Promise.allSettled([budget.take(9), budget.take(2)])
    assert.equal(large.status === 'rejected' && large.reason.code, 'UNAVAILABLE')
    assert.equal(small.status, 'fulfilled')
  })
})
