/** Bytes that datasets share: stored once, kept as long as any of them is there, and gone with the last. */
import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import pg from 'pg'
import { createChunkRepository } from '../../../src/features/datasets/chunk.repository.ts'
import { removeUnusedChunks } from '../../../src/features/datasets/shared-chunk.repository.ts'
import { createUploadRepository, type UploadRepository } from '../../../src/features/datasets/upload.repository.ts'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'
import { chunkOf, newTable, slicesOf } from '../../support/stored-tables.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let admin: pg.Client
let other: pg.Client
let uploads: UploadRepository
let housekeeping: HousekeepingService
before(async () => {
  api = await openTestApi()
  const { database, url } = api.bench
  admin = new pg.Client({ connectionString: url })
  other = new pg.Client({ connectionString: url })
  await admin.connect()
  await other.connect()
  uploads = createUploadRepository(database)
  housekeeping = openHousekeeping(database)
})
afterEach(() => admin.query('delete from "Job"; delete from "Dataset"; delete from "Chunk"'))
after(async () => {
  await housekeeping.close()
  await admin.end()
  await other.end()
  await api.close()
})

const mib = 2 ** 20
const column = { role: null, type: 'number', missing: 0, min: 0, max: 1, mean: 0, std: 1 } as const
const columns = ['x', 'y'].map((name) => ({ ...column, name }))
const rowsOf = (value: number, count: number) => Array.from({ length: count }, () => [value, value])
const count = async (table: string): Promise<number> => (await admin.query(`select count(*)::int as n from "${table}"`)).rows[0].n
/** A dataset of chunks that each hold one number all over; above eight chunks it is stored hidden at first. */
const store = (id: string, values: readonly number[]) =>
  uploads.insert(
    newTable(id, columns, (values.length * mib) / 8),
    values.map((value) => chunkOf(rowsOf(value, mib / 8))),
  )
const firstOf = async (id: string): Promise<number[]> => {
  const { body } = await api.get(`/v1/datasets/${id}/rows?limit=1`)
  return Object.values(body.data[0])
}

for (const [size, chunks] of [
  ['small', [1, 2]],
  ['large', Array.from({ length: 10 }, (_, at) => at)],
] as const)
  it(`datasets of the same bytes store them once, and a ${size} one goes without the others`, async () => {
    await store('ds_one', chunks)
    await store('ds_two', [...chunks].reverse())
    await store('ds_mine', [...chunks, 77])
    assert.equal(await count('Chunk'), chunks.length + 1)
    assert.equal((await api.remove('/v1/datasets/ds_mine')).status, 204)
    assert.equal(await count('Chunk'), chunks.length)
    assert.equal((await api.remove('/v1/datasets/ds_one')).status, 204)
    assert.equal(await count('Chunk'), chunks.length)
    assert.deepEqual(await firstOf('ds_two'), [chunks.at(-1), chunks.at(-1)])
    assert.equal((await api.remove('/v1/datasets/ds_two')).status, 204)
    assert.deepEqual([await count('Chunk'), await count('DatasetChunk'), await count('Dataset')], [0, 0, 0])
  })

it('a dataset whose chunks are all the same stores them once', async () => {
  await store('ds_even', [5, 5, 5])
  assert.deepEqual([await count('Chunk'), await count('DatasetChunk')], [1, 3])
  const { body } = await api.get(`/v1/datasets/ds_even/rows?offset=${(2.5 * mib) / 8}&limit=1`)
  assert.deepEqual(body.data, [{ x: 5, y: 5 }])
})

it('uploads of the same chunks in other orders, at the same time, wait for each other and are all stored', async () => {
  const orders = [
    [1, 2, 3, 4],
    [4, 3, 2, 1],
    [2, 4, 1, 3],
    [3, 1, 4, 2],
  ]
  await Promise.all(orders.map((order, at) => store(`ds_at_once_${at}`, order)))
  assert.deepEqual([await count('Chunk'), await count('DatasetChunk')], [4, 16])
})

it('an upload whose bytes are just being deleted stores them anew', async () => {
  await store('ds_old', [9])
  const { rows } = await admin.query('select hash from "Chunk"')
  // The deletion holds its chunks, and has not yet deleted them. The chunk is held before nobody refers to it: the housekeeping takes none that is held.
  await other.query('begin')
  await other.query('select from "Chunk" for update')
  await admin.query('delete from "Dataset"')
  let isStored = false
  const stored = store('ds_new', [9]).finally(() => {
    isStored = true
  })
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  while ((await admin.query(waits)).rowCount === 0) assert.equal(isStored, false, 'it waits for the deletion')
  await other.query('delete from "Chunk" where hash = $1', [rows[0].hash])
  await other.query('commit')
  await stored
  assert.deepEqual(await firstOf('ds_new'), [9, 9])
})

it('bytes that an upload is about to refer to are not deleted', async () => {
  await store('ds_old', [9])
  const { rows } = await admin.query('select hash from "Chunk"')
  await admin.query(
    `insert into "Dataset" (id, tenant, kind, columns, rows, "contentHash") values ('ds_next', 'default', 'upload', '[]', 1, '')`,
  )
  await other.query('begin')
  await other.query(`insert into "DatasetChunk" ("datasetId", index, hash) values ('ds_next', 0, $1)`, [rows[0].hash])
  await admin.query(`delete from "Dataset" where id = 'ds_old'`)
  await removeUnusedChunks(api.bench.database, [rows[0].hash])
  await other.query('commit')
  await removeUnusedChunks(api.bench.database, [rows[0].hash])
  assert.equal(await count('Chunk'), 1)
})

it('bytes that died with the process that deleted their datasets go by themselves, and no others', async () => {
  await store('ds_dead', [1, 2, 3])
  await store('ds_alive', [3, 4])
  // In a transaction, so that no housekeeping comes before the count.
  await admin.query('begin')
  await admin.query(`delete from "Dataset" where id = 'ds_dead'`)
  assert.equal(await count('Chunk'), 4)
  await admin.query('commit')
  await housekeeping.tidy()
  assert.equal(await count('Chunk'), 2)
  assert.deepEqual(await firstOf('ds_alive'), [3, 3])
})

it('a dataset that was hidden by a process that died is cleared away with its chunks and levels', async () => {
  await uploads.insert(newTable('ds_text', [{ ...column, name: 't', type: 'category' }], 2), [
    ...slicesOf(0, ['a', 'b'], 1),
    chunkOf([[0], [1]]),
  ])
  await admin.query(`update "Dataset" set "deletedAt" = now()`)
  await housekeeping.tidy()
  assert.deepEqual([await count('Chunk'), await count('DatasetLevels'), await count('Dataset')], [0, 0, 0])
})

it('a deleted dataset keeps its levels as long as a job refers to it, and its cells go', async () => {
  const { id } = await uploads.insert(
    newTable(
      'ds_00000000000000000000000000',
      [
        { ...column, name: 'x', role: 'feature' },
        { ...column, name: 'y', role: 'label' },
      ],
      2,
    ),
    [
      chunkOf([
        [0, 0],
        [1, 1],
      ]),
      ...slicesOf(0, ['a', 'b']),
    ],
  )
  const job = await api.submit(notebook({ dataset: { id } }))
  await api.post(`/v1/jobs/${job.id}/cancel`)
  assert.equal((await api.remove(`/v1/datasets/${id}`)).status, 204)
  await housekeeping.tidy()
  assert.deepEqual([await count('Chunk'), await count('DatasetLevels'), await count('Dataset')], [0, 1, 1])
  assert.equal((await api.remove(`/v1/jobs/${job.id}`)).status, 204)
  await housekeeping.tidy()
  assert.deepEqual([await count('DatasetLevels'), await count('Dataset')], [0, 0])
})

it('bytes that changed since they were stored are not trained on', async () => {
  await store('ds_rotten', [1])
  const read = async () => {
    for await (const _ of createChunkRepository(api.bench.database).stream('ds_rotten'));
  }
  await read()
  await admin.query(`update "Chunk" set bytes = set_byte(bytes, 5000, 1)`)
  await assert.rejects(read(), /chunk 0 of dataset ds_rotten is not what was stored/)
})
