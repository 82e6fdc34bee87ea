/** What an upload says of a dataset besides its rows: name, metadata, and when it goes. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import pg from 'pg'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'

let api: TestApi
let admin: pg.Client
let housekeeping: HousekeepingService
before(async () => {
  api = await openTestApi()
  admin = new pg.Client({ connectionString: api.bench.url })
  await admin.connect()
  housekeeping = openHousekeeping(api.bench.database)
})
after(async () => {
  await housekeeping.close()
  await admin.end()
  await api.close()
})

it('a dataset is gone when its time is over, and its rows once no job needs them', async () => {
  const table = { rows: [{ x: 1, y: 2 }], features: ['x'], labels: ['y'] }
  const store = async (expiresAt: string) => {
    const { status, body } = await api.post('/v1/datasets', { ...table, expiresAt })
    assert.equal(status, 201)
    return body.id as string
  }
  const [past, future, needed] = [
    await store('2026-01-01T00:00:00Z'),
    await store('2126-01-01T00:00:00Z'),
    await store('2126-01-01T00:00:00Z'),
  ]
  const job = await api.submit({ dataset: { id: needed } })
  await admin.query(`update "Dataset" set "expiresAt" = now() where id = $1`, [needed])

  const statuses = async () => {
    const answers = []
    for (const id of [past, future, needed]) answers.push((await api.get(`/v1/datasets/${id}`)).status)
    return answers
  }
  assert.deepEqual(await statuses(), [404, 200, 404])
  for (const path of ['rows', 'batch', 'correlations']) assert.equal((await api.get(`/v1/datasets/${past}/${path}`)).status, 404, path)
  const listed = (await api.get('/v1/datasets')).body.data as { id: string }[]
  assert.deepEqual(
    [past, future, needed].map((id) => listed.some((each) => each.id === id)),
    [false, true, false],
  )
  assert.equal((await api.post('/v1/jobs', { dataset: { id: past } })).status, 422)

  const kept = async () => {
    const { rows } = await admin.query(`select id from "Dataset" where id = any($1) and "deletedAt" is null order by id`, [[past, needed]])
    return rows.map(({ id }) => id)
  }
  await housekeeping.tidy()
  assert.deepEqual(await kept(), [needed])
  await api.post(`/v1/jobs/${job.id}/cancel`)
  await housekeeping.tidy()
  assert.deepEqual(await kept(), [])
})

it('a dataset says what it is filed under, in lists too', async () => {
  const filing = { name: 'Penguins', metadata: { source: 'palmer', year: 2007 }, expiresAt: '2126-01-01T00:00:00.000Z' }
  const bodies = [
    { rows: [{ x: 1, y: 2 }], ...filing },
    { features: [[1]], labels: [[2]], ...filing },
    { synthetic: { kind: 'linear', weights: [1], examples: 3 }, ...filing },
  ]
  for (const body of bodies) {
    const { status, body: made } = await api.post('/v1/datasets', body)
    assert.equal(status, 201, JSON.stringify(made))
    for (const shown of [made, (await api.get(`/v1/datasets/${made.id}`)).body, (await api.get('/v1/datasets')).body.data[0]]) {
      const { name, metadata, expiresAt, format } = shown
      assert.deepEqual({ name, metadata, expiresAt }, filing)
      assert.equal(format, 'synthetic' in body ? null : 'json')
    }
  }
  const query = 'name=Penguins&metadata[source]=palmer&metadata[year]=2007&expiresAt=2126-01-01T00:00:00Z'
  const { body } = await api.post(`/v1/datasets?${query}`, 'x,y\n1,2\n', { 'content-type': 'text/csv' })
  assert.deepEqual([body.name, body.metadata, body.format], ['Penguins', { source: 'palmer', year: '2007' }, 'csv'])
})

it('the end of a dataset may be said in any spelling of RFC 3339', async () => {
  for (const [said, meant] of [
    ['2126-01-01t00:00:00z', '2126-01-01T00:00:00.000Z'],
    ['2126-01-01 00:00:00.25+01', '2125-12-31T23:00:00.250Z'],
    ['2126-06-30T23:59:60Z', '2126-06-30T23:59:59.000Z'],
    ['0000-01-01T00:00:00+01:00', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59-23:59', '9999-12-31T23:59:59.999Z'],
  ]) {
    const { status, body } = await api.post('/v1/datasets', { rows: [{ x: 1 }], expiresAt: said })
    assert.deepEqual([status, body.expiresAt], [201, meant], said)
  }
})

it('filing that cannot be is refused with what would be right', async () => {
  const rows = [{ x: 1 }]
  for (const [filing, path] of [
    [{ name: '' }, '/name'],
    [{ name: 7 }, '/name'],
    [{ metadata: { a: { b: 1 } } }, '/metadata/a'],
    [{ expiresAt: 'tomorrow' }, '/expiresAt'],
  ] as const) {
    const answer = await api.post('/v1/datasets', { rows, ...filing })
    assertProblem(answer, 422, 'VALIDATION_FAILED')
    assert.deepEqual(
      answer.body.errors.map((error: { path: string }) => error.path),
      [path],
    )
  }
})
