/** /v1/datasets: every way in, what is told about a table, and how it goes. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi({ bodyLimit: 200_000 })
})
after(() => api.close())

const csv = { 'content-type': 'text/csv' }
const create = async (body: unknown, headers = {}, query = '') => {
  const answer = await api.post(`/v1/datasets${query}`, body, headers)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  assert.equal(answer.headers.location, `/v1/datasets/${answer.body.id}`)
  return answer.body
}
const count = async () => (await api.get('/v1/datasets?limit=100')).body.data.length

describe('a dataset', () => {
  it('a dataset out of JSON rows has their columns with types and statistics', async () => {
    const rows = [
      { x: 1, y: 0.5 },
      { x: 2, y: 1 },
      { x: 3, y: 1.5 },
    ]
    const dataset = await create({ rows, features: ['x'], labels: ['y'] })
    assert.match(dataset.id, /^ds_[0-9a-z]{26}$/)
    assert.equal(dataset.rows, 3)
    const x = { name: 'x', role: 'feature', type: 'integer', missing: 0, min: 1, max: 3, mean: 2, std: Math.sqrt(2 / 3) }
    const histogram = { edges: [0.5, 1.5, 2.5, 3.5], counts: [1, 1, 1] }
    assert.deepEqual(dataset.columns[0], { ...x, quartiles: [1.5, 2, 2.5], histogram })
    const { name, role, type, min, max, mean, std } = dataset.columns[1]
    assert.deepEqual([name, role, type, min, max, mean, std], ['y', 'label', 'number', 0.5, 1.5, 1, Math.sqrt(1 / 6)])
    assert.match(dataset.contentHash, /^[0-9a-f]{64}$/)
    assert.deepEqual((await api.get(`/v1/datasets/${dataset.id}`)).body, dataset)
  })

  it('a dataset out of JSON arrays keeps the shape of an example', async () => {
    const dataset = await create({ features: [[1, 2, 3, 4]], labels: [[1]], inputShape: [2, 2, 1] })
    assert.deepEqual(dataset.inputShape, [2, 2, 1])
    assert.deepEqual(
      dataset.columns.map(({ name, role }: { name: string; role: string }) => [name, role]),
      [...['x1', 'x2', 'x3', 'x4'].map((name) => [name, 'feature']), ['y', 'label']],
    )
  })

  it('a dataset out of a CSV is the same, byte by byte, as out of JSON', async () => {
    const fromCsv = await create('x,y\r\n1,"0.5"\r\n-2e1, 1\r\n\r\n', csv, '?features=x&labels=y')
    const fromRows = await create({
      rows: [
        { x: 1, y: 0.5 },
        { x: -20, y: 1 },
      ],
      features: ['x'],
      labels: ['y'],
    })
    assert.equal(fromCsv.contentHash, fromRows.contentHash)
  })

  it('a dataset out of a form takes its options before or behind the file', async () => {
    const file = 'Content-Disposition: form-data; name="file"; filename="t.csv"\r\nContent-Type: text/csv\r\n\r\na;b\n1;2\n'
    const options = 'Content-Disposition: form-data; name="options"\r\n\r\n{"features":["a"],"labels":["b"]}'
    const form = (...parts: string[]) => `${parts.map((part) => `--edge\r\n${part}\r\n`).join('')}--edge--\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=edge' }
    for (const body of [form(file, options), form(options, file)]) {
      const { columns } = await create(body, headers, '?delimiter=%3B')
      assert.deepEqual(
        columns.map(({ role }: { role: string }) => role),
        ['feature', 'label'],
      )
    }
    const unknown = await api.post('/v1/datasets?delimiter=%3B', form(file, options.replace('"a"', '"q"')), headers)
    assert.deepEqual(pathsOf(assertProblem(unknown, 422, 'VALIDATION_FAILED')), ['/features/0'])
    assertProblem(await api.post('/v1/datasets', form(options), headers), 422, 'VALIDATION_FAILED')
    assertProblem(await api.post('/v1/datasets', 'no form at all', headers), 400, 'MALFORMED_BODY')
  })

  it('a dataset out of a synthetic spec keeps the spec with its defaults, and is described without being asked twice', async () => {
    const dataset = await create({ synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, seed: 1 } })
    assert.equal(dataset.kind, 'synthetic')
    assert.deepEqual(dataset.synthetic, { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 })
    assert.equal(dataset.rows, 1000)
    assert.ok(Math.abs(dataset.columns[0].mean) < 0.1 && Math.abs(dataset.columns[0].std - 1) < 0.1)
    assert.ok(Math.abs(dataset.columns[2].mean - 4.2) < 0.5)
  })

  it('a dataset is read back in shuffled mini-batches, the same for the same seed', async () => {
    const rows = Array.from({ length: 50 }, (_, x) => ({ x, y: 2 * x }))
    for (const body of [{ rows, features: ['x'], labels: ['y'] }, { synthetic: { kind: 'linear', weights: [1], examples: 50 } }]) {
      const { id } = await create(body)
      const batch = async (query: string) => (await api.get(`/v1/datasets/${id}/batch?${query}`)).body
      const first = await batch('batchSize=10&seed=1')
      assert.equal(first.features.length, 10)
      assert.equal(first.labels.length, 10)
      assert.deepEqual(await batch('batchSize=10&seed=1'), first)
      assert.notDeepEqual((await batch('batchSize=10&seed=2')).features, first.features)
      assert.equal((await batch('')).features.length, 10)
      const all = (await batch('batchSize=10000&seed=3')).features.flat()
      assert.equal(new Set(all).size, 50)
    }
    const { id } = await create({ rows, features: ['x'], labels: ['y'] })
    const { features, labels } = (await api.get(`/v1/datasets/${id}/batch?seed=7`)).body
    assert.deepEqual(
      labels.flat(),
      features.flat().map((x: number) => 2 * x),
    )
  })

  it('a dataset of several chunks is read back row by row', async () => {
    const wide = await openTestApi()
    try {
      const lines = Array.from({ length: 200_000 }, (_, row) => `${row},${row % 7}`)
      const { body } = await wide.post('/v1/datasets?features=a&labels=b', `a,b\n${lines.join('\n')}`, csv)
      assert.equal(body.rows, 200_000)
      assert.equal(await wide.bench.database.prisma.datasetChunk.count({ where: { datasetId: body.id } }), 2)
      const batch = (await wide.get(`/v1/datasets/${body.id}/batch?batchSize=1000&seed=1`)).body
      assert.ok(Math.max(...batch.features.flat()) > 150_000)
      for (const [at, [a]] of batch.features.entries()) assert.equal(batch.labels[at][0], a % 7)
    } finally {
      await wide.close()
    }
  })

  it('lists page by page, newest first', async () => {
    const ids = []
    for (let x = 0; x < 5; x++) ids.unshift((await create({ rows: [{ x }] })).id)
    const first = (await api.get('/v1/datasets?limit=2')).body
    assert.deepEqual(
      first.data.map(({ id }: { id: string }) => id),
      ids.slice(0, 2),
    )
    assert.equal(first.hasMore, true)
    const second = (await api.get(`/v1/datasets?limit=2&after=${first.nextCursor}`)).body
    assert.deepEqual(
      second.data.map(({ id }: { id: string }) => id),
      ids.slice(2, 4),
    )
  })

  it('a dataset is deleted, but not while an unfinished job needs it; results of finished jobs stay', async () => {
    const unused = await create({ rows: [{ x: 1 }] })
    assert.equal((await api.remove(`/v1/datasets/${unused.id}`)).status, 204)
    assertProblem(await api.get(`/v1/datasets/${unused.id}`), 404, 'NOT_FOUND')
    assertProblem(await api.remove(`/v1/datasets/${unused.id}`), 404, 'NOT_FOUND')

    const used = await create({ features: [[1], [2]], labels: [[1], [2]] })
    const job = (await api.post('/v1/jobs', notebook({ dataset: { id: used.id } }))).body
    assertProblem(await api.remove(`/v1/datasets/${used.id}`), 409, 'CONFLICT')
    await api.post(`/v1/jobs/${job.id}/cancel`)
    assert.equal((await api.remove(`/v1/datasets/${used.id}`)).status, 204)
    assertProblem(await api.get(`/v1/datasets/${used.id}`), 404, 'NOT_FOUND')
    assert.equal((await api.get(`/v1/jobs/${job.id}`)).body.dataset.id, used.id)
    assert.equal(await api.bench.database.prisma.datasetChunk.count({ where: { datasetId: used.id } }), 0)
    assertProblem(await api.post('/v1/jobs', notebook({ dataset: { id: used.id } })), 422, 'VALIDATION_FAILED')
  })
})

describe('a table with validation errors is refused with all of them, and nothing is left behind:', () => {
  const refuse = async (body: unknown, headers = {}, query = '', status = 422) => {
    const before = await count()
    const answer = await api.post(`/v1/datasets${query}`, body, headers)
    const errors = assertProblem(answer, status, status === 422 ? 'VALIDATION_FAILED' : 'MALFORMED_BODY')
    assert.equal(await count(), before)
    return errors
  }

  it('CSV rows that are ragged, cells that are not what was declared, or too large', async () => {
    const errors = await refuse('a,b\n1,2\n3\n4,x\n5,\n6,y\n1e39,7\n', csv, '?columns[b]=number')
    assert.deepEqual(
      errors.map(({ line, column, value, code }) => [line, column, value, code]),
      [
        [3, undefined, undefined, 'ragged_row'],
        [4, 'b', 'x', 'not_a_number'],
        [7, 'a', '1e39', 'not_finite'],
      ],
    )
  })

  it('a CSV without rows, with columns of one name, or without a name', async () => {
    assert.deepEqual(pathsOf(await refuse('a,b\n', csv)), ['/rows'])
    assert.deepEqual(pathsOf(await refuse('a,a,\n1,2,3\n', csv)), ['/columns', '/columns/2'])
    await refuse('', csv)
  })

  it('options that name what is not there', async () => {
    const errors = await refuse('a,b\n1,2\n', csv, '?features=a,q&labels=a,b')
    assert.deepEqual(pathsOf(errors), ['/features/1', '/labels'])
    assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, '?features=a&inputShape=2,2')), ['/inputShape'])
    assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, '?colour=red')), ['/colour'])
    assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, '?columns[aa]=category&columns[b]=ignore')), ['/columns/aa'])
  })

  it('a CSV whose quotes do not match cannot be parsed', async () => {
    const [error] = await refuse('a,b\n1,"2\n', csv, '', 400)
    assert.equal(typeof error?.line, 'number')
  })

  it('more validation errors than fit into an answer are counted', async () => {
    const names = Array.from({ length: 500 }, (_, at) => `c${at}`)
    const answer = await api.post('/v1/datasets', `${names.join(',')}\n${names.map(() => '1e99').join(',')}\n`, csv)
    assert.equal(assertProblem(answer, 422, 'VALIDATION_FAILED').length, 100)
    assert.match(answer.body.detail, /500 validation errors/)
  })

  it('JSON rows that are none, cells that are lists or objects, and numbers beyond float32', async () => {
    const errors = await refuse({ rows: [{ a: 1, b: [2] }, { a: 1e39 }, { a: 1, b: { c: 3 } }, 5], labels: ['q'] })
    assert.deepEqual(pathsOf(errors), ['/labels/0', '/rows/0/b', '/rows/1/a', '/rows/3'])
    assert.match(errors.find(({ path }) => path === '/rows/0/b')?.message ?? '', /^row 1: "b" is an array.* 1 other/)
  })

  it('JSON arrays of unequal lengths, ragged rows, cells that are lists, numbers beyond float32', async () => {
    const errors = await refuse({ features: [[1, 2], [3], [4, [5]]], labels: [[1e39], [1], [2], [3]], more: 1 })
    assert.deepEqual(pathsOf(errors), ['/features/1', '/features/2/1', '/labels', '/labels/0/0', '/more'])
  })

  it('bodies of no known form', async () => {
    assert.deepEqual(pathsOf(await refuse({})), ['/rows'])
    assert.deepEqual(pathsOf(await refuse({ rows: [] })), ['/rows'])
    assert.deepEqual(pathsOf(await refuse({ features: [[1]] })), ['/labels'])
    assert.deepEqual(pathsOf(await refuse('[1]', { 'content-type': 'application/json' })), ['/rows/0'])
    assert.deepEqual(pathsOf(await refuse({ synthetic: { kind: 'linear', weights: [], bias: 'x', q: 1 } })), [
      '/synthetic/bias',
      '/synthetic/q',
      '/synthetic/weights',
    ])
    assert.deepEqual(pathsOf(await refuse({ synthetic: { kind: 'magic' } })), ['/synthetic/kind'])
    assert.deepEqual(pathsOf(await refuse({ synthetic: { kind: 'sine', low: 3, high: 2 } })), ['/synthetic/high'])
  })
})

describe('a body', () => {
  it('a body of JSON beyond the limit, or a file beyond sixty-four times as much, is too large', async () => {
    assertProblem(await api.post('/v1/datasets', { rows: Array(60_000).fill({ a: 1 }) }), 413, 'BODY_TOO_LARGE')
    assertProblem(await api.post('/v1/datasets', `a\n${'1\n'.repeat(6_500_000)}`, csv), 413, 'BODY_TOO_LARGE')
  })

  it('a body that is no JSON, or of another media type, is refused', async () => {
    const json = { 'content-type': 'application/json' }
    assertProblem(await api.post('/v1/datasets', '{"rows": ', json), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/datasets', Buffer.from([0x22, 0xff, 0x22]), json), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/datasets', '<rows/>', { 'content-type': 'application/xml' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
  })
})
