/** Looking into a dataset: rows as they were uploaded, mini-batches by name, and how columns go with a label. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { StoredColumn } from '../../../src/api/column.schema.ts'
import { createUploadRepository, type UploadRepository } from '../../../src/features/datasets/upload.repository.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { chunkOf, newTable, slicesOf, wideChunkOf } from '../../support/stored-tables.ts'

let api: TestApi
let uploads: UploadRepository
before(async () => {
  api = await openTestApi()
  uploads = createUploadRepository(api.bench.database)
})
after(() => api.close())

const column = (name: string, type: StoredColumn['type'], more: Partial<StoredColumn> = {}): StoredColumn => ({
  name,
  role: null,
  type,
  missing: 0,
  min: null,
  max: null,
  mean: null,
  std: null,
  ...more,
})
const day = (text: string): number => Date.parse(text) / 86_400_000

const penguins = [
  column('species', 'category', { role: 'label' }),
  column('mass', 'number'),
  column('tagged', 'boolean'),
  column('weighed', 'date'),
  column('seen at', 'datetime', { wide: true }),
  column('ring', 'integer', { wide: true }),
  column('"note"', 'text', { role: 'ignored' }),
]
const moments = [day('2007-11-11T10:20:30Z'), day('2008-01-02T03:04:05.678Z'), Number.NaN]
const rings = [2 ** 40 + 1, Number.NaN, -(2 ** 53) + 1]
const values = [
  [0, 3750.1, 1, day('2007-11-11'), moments[0], rings[0], 2],
  [1, Number.NaN, 0, day('1969-12-31'), moments[1], rings[1], 0],
  [Number.NaN, 1e-7, Number.NaN, Number.NaN, moments[2], rings[2], 1],
] as number[][]
const shown = [
  {
    species: 'Adelie',
    mass: 3750.1,
    tagged: true,
    weighed: '2007-11-11',
    'seen at': '2007-11-11T10:20:30Z',
    ring: 2 ** 40 + 1,
    '"note"': 'it said "no"\n',
  },
  {
    species: 'Gentoo',
    mass: null,
    tagged: false,
    weighed: '1969-12-31',
    'seen at': '2008-01-02T03:04:05.678Z',
    ring: null,
    '"note"': 'a',
  },
  { species: null, mass: 1e-7, tagged: null, weighed: null, 'seen at': null, ring: -(2 ** 53) + 1, '"note"': 'b' },
]
const store = async (id: string): Promise<void> => {
  await uploads.insert(newTable(id, penguins, values.length), [
    ...slicesOf(0, ['Adelie', 'Gentoo']),
    ...slicesOf(6, ['a', 'b', 'it said "no"\n'], 2),
    chunkOf(values),
    wideChunkOf(moments.map((moment, at) => [moment, rings[at] as number])),
  ])
}

describe('rows of a dataset', () => {
  it('rows of a dataset come as they were uploaded: texts, dates, exact numbers, and null for what is missing', async () => {
    await store('ds_rows')
    const { status, body } = await api.get('/v1/datasets/ds_rows/rows')
    assert.equal(status, 200)
    assert.deepEqual(body, { data: shown, offset: 0, total: 3, nextOffset: null })
  })

  it('rows of a dataset come from any position, and say where the next ones begin', async () => {
    await store('ds_paged')
    assert.deepEqual((await api.get('/v1/datasets/ds_paged/rows?offset=1&limit=1')).body, {
      data: [shown[1]],
      offset: 1,
      total: 3,
      nextOffset: 2,
    })
    assert.deepEqual((await api.get('/v1/datasets/ds_paged/rows?offset=3')).body, { data: [], offset: 3, total: 3, nextOffset: null })
  })

  it('rows of a dataset show numbers as they were written, not as a float32 is as a double', async () => {
    const written = [0.1, -3.4, 2.5, 1e-45, 3.4028235e38, 16777216, 123456.7, 0.30000001, 1 / 3]
    const { body } = await api.post('/v1/datasets', { rows: written.map((x) => ({ x, y: 1 })), labels: ['y'] })
    const { data } = (await api.get(`/v1/datasets/${body.id}/rows`)).body
    assert.deepEqual(
      data.map(({ x }: { x: number }) => x),
      [0.1, -3.4, 2.5, 1e-45, 3.4028235e38, 16777216, 123456.7, 0.3, 0.33333334],
    )
  })

  it('rows of a dataset show times to the microsecond', async () => {
    const times = ['2012-01-31T10:00:00.123456Z', '1969-12-31T23:59:59.999999Z', '9999-12-31T23:59:59Z', '2012-01-31T10:00:00.5Z']
    const { body } = await api.post('/v1/datasets', { rows: times.map((at) => ({ at })) })
    const { data } = (await api.get(`/v1/datasets/${body.id}/rows`)).body
    for (const [row, at] of times.entries()) assert.equal(data[row].at, at)
  })

  it('rows of a synthetic dataset are those that it trains on', async () => {
    const { body } = await api.post('/v1/datasets', {
      synthetic: { kind: 'linear', weights: [2], bias: 1, examples: 30, noiseStd: 0, seed: 1 },
    })
    const { data, nextOffset } = (await api.get(`/v1/datasets/${body.id}/rows?offset=10&limit=5`)).body
    assert.equal(nextOffset, 15)
    for (const { x1, y } of data) assert.ok(Math.abs(y - (2 * x1 + 1)) < 1e-5)
  })

  it('rows of a wide dataset end where an answer has enough cells', async () => {
    const width = 3000
    await uploads.insert(
      newTable(
        'ds_wide',
        Array.from({ length: width }, (_, at) => column(`x${at}`, 'integer')),
        200,
      ),
      [...Array.from({ length: 3 }, (_, at) => chunkOf(Array.from({ length: at < 2 ? 87 : 26 }, () => new Array<number>(width).fill(at))))],
    )
    const first = (await api.get('/v1/datasets/ds_wide/rows?limit=1000')).body
    assert.deepEqual([first.data.length, first.nextOffset], [166, 166])
    assert.deepEqual([first.data[86].x0, first.data[87].x2999], [0, 1])
    const next = (await api.get('/v1/datasets/ds_wide/rows?offset=166&limit=1000')).body
    assert.deepEqual([next.data.length, next.nextOffset, next.data[33].x5], [34, null, 2])
  })

  it('rows of a dataset with long texts end where an answer is long enough, and lose none', async () => {
    const long = 'x'.repeat(60_000)
    await uploads.insert(newTable('ds_long', [column('text', 'text')], 1000), [
      ...slicesOf(0, [long, 'short']),
      chunkOf(Array.from({ length: 1000 }, (_, at) => [at < 900 ? 0 : 1])),
    ])
    const first = (await api.get('/v1/datasets/ds_long/rows?limit=1000')).body
    assert.ok(first.data.length < 600 && first.nextOffset === first.data.length)
    const rest = (await api.get(`/v1/datasets/ds_long/rows?limit=1000&offset=${first.nextOffset}`)).body
    assert.equal(first.data.length + rest.data.length, 1000)
    assert.equal(rest.data.at(-1).text, 'short')
  })

  it('rows that nobody may ask for are refused with what would be right', async () => {
    assertProblem(await api.get('/v1/datasets/ds_00000000000000000000000000/rows'), 404, 'NOT_FOUND')
    for (const [query, path] of [
      ['limit=0', '/limit'],
      ['limit=1001', '/limit'],
      ['offset=-1', '/offset'],
      ['offset=many', '/offset'],
      ['ofset=1', '/ofset'],
    ] as const)
      assert.deepEqual(pathsOf((await api.get(`/v1/datasets/ds_rows/rows?${query}`)).body.errors), [path])
  })
})

describe('a mini-batch', () => {
  it('a mini-batch has numbers for training, and the same rows by name', async () => {
    await store('ds_batch')
    const { body } = await api.get('/v1/datasets/ds_batch/batch?batchSize=3&seed=1')
    assert.deepEqual(body.featureNames, ['mass', 'tagged', 'weighed', 'seen at', 'ring'])
    assert.deepEqual(body.labelNames, ['species'])
    const order = body.rows.map((row: object) => shown.findIndex((known) => JSON.stringify(known) === JSON.stringify(row)))
    assert.deepEqual([...order].sort(), [0, 1, 2])
    const asNumbers = (row: number[], columns: number[]) =>
      columns.map((at) => (Number.isNaN(row[at]) ? null : Math.fround(row[at] as number)))
    assert.deepEqual(
      body.labels,
      order.map((at: number) => asNumbers(values[at] ?? [], [0])),
    )
    assert.deepEqual(
      body.features,
      order.map((at: number) => asNumbers(values[at] ?? [], [1, 2, 3, 4, 5])),
    )
  })
})

describe('correlations', () => {
  it('correlations tell how each column goes with the label', async () => {
    const rows = [
      [0, 1, 0, 5, 0],
      [1, 3, 1, 5, 0],
      [2, 5, 0, 5, 1],
      [3, 7, 1, 5, 1],
    ]
    const columns = [
      column('y', 'number', { role: 'label' }),
      column('up', 'number'),
      column('group', 'category'),
      column('same', 'number'),
      column('half', 'category'),
      column('text', 'text'),
    ]
    await uploads.insert(newTable('ds_correlated', columns, 4), [
      ...slicesOf(2, ['a', 'b']),
      ...slicesOf(4, ['c', 'd']),
      chunkOf(rows.map((row) => [...row, 0])),
    ])
    const { body } = await api.get('/v1/datasets/ds_correlated/correlations')
    assert.deepEqual([body.label, body.rows, body.total], ['y', 4, 4])
    const found = Object.fromEntries(body.data.map(({ column, ...rest }: { column: string }) => [column, rest]))
    assert.deepEqual(found.up, { measure: 'pearson', value: 1 })
    // Means of the groups are 1 and 2, or 0.5 and 2.5; the variance of all is 1.25.
    assert.ok(Math.abs(found.group.value - Math.sqrt(0.25 / 1.25)) < 1e-12)
    assert.ok(Math.abs(found.half.value - Math.sqrt(1 / 1.25)) < 1e-12)
    assert.equal(found.group.measure, 'correlationRatio')
    assert.deepEqual(found.same, { measure: 'pearson', value: null })
    assert.deepEqual(found.text, { measure: null, value: null })
    const byGroup = (await api.get('/v1/datasets/ds_correlated/correlations?label=half')).body
    assert.ok(Math.abs(byGroup.data[0].value - found.half.value) < 1e-12)
    assert.deepEqual(byGroup.data[2], { column: 'group', measure: 'cramersV', value: 0 })
  })

  it('correlations are those of exact values where a float32 cannot hold them', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => ({ id: 2 ** 52 + at, at: `2026-11-26T10:00:${10 + at}Z`, y: at }))
    const { body } = await api.post('/v1/datasets', { rows, labels: ['y'] })
    const { data } = (await api.get(`/v1/datasets/${body.id}/correlations`)).body
    for (const { column, value } of data) assert.ok(Math.abs(value - 1) < 1e-6, `${column} ${value}`)
    assert.equal(data.length, 2)
  })

  it('correlations ask for a label that is there', async () => {
    const { body } = await api.post('/v1/datasets', { rows: [{ x: 1, y: 2 }] })
    assert.deepEqual(pathsOf((await api.get(`/v1/datasets/${body.id}/correlations`)).body.errors), ['/label'])
    assert.deepEqual(pathsOf((await api.get(`/v1/datasets/${body.id}/correlations?label=z`)).body.errors), ['/label'])
    assert.equal((await api.get(`/v1/datasets/${body.id}/correlations?label=y`)).status, 200)
  })

  it('correlations of a table with gaps leave out the rows that lack a value', async () => {
    const gap = Number.NaN
    await uploads.insert(newTable('ds_gaps', [column('x', 'number'), column('y', 'number')], 4), [
      chunkOf([
        [1, 1],
        [gap, 5],
        [2, 2],
        [9, gap],
      ]),
    ])
    const { body } = await api.get('/v1/datasets/ds_gaps/correlations?label=y')
    assert.deepEqual(body.data, [{ column: 'x', measure: 'pearson', value: 1 }])
  })
})
