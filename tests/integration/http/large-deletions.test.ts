/** What is deleted may be large: no statement and no transaction takes more of it than it can in time, and nobody sees what is left. */
import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import pg from 'pg'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { bytesAtOnce } from '../../../src/platform/db/remove-large.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'

const mib = 2 ** 20
const tables = { Tensor: 'values', BlobPiece: 'bytes', Checkpoint: 'values', DatasetChunk: 'bytes', Chunk: 'bytes', IdempotencyKey: 'body' }

let api: TestApi
let admin: pg.Client
let housekeeping: HousekeepingService
before(async () => {
  api = await openTestApi()
  admin = new pg.Client({ connectionString: api.bench.url })
  await admin.connect()
  // Every statement that deletes, a cascade's too, says how much it took, unless it is stopped.
  await admin.query(`
    create table deleted (name text, bytes bigint, transaction bigint);
    create function note() returns trigger language plpgsql as $$
      declare total bigint;
      begin
        if exists (select from pg_class where relname = 'stopped_' || tg_relname) then raise 'stopped'; end if;
        execute format('select sum(octet_length(%I)) from gone', tg_argv[0]) into total;
        insert into deleted select tg_relname, total, txid_current() where total > 0;
        return null;
      end $$`)
  for (const [table, column] of Object.entries(tables))
    await admin.query(
      `create trigger note after delete on "${table}" referencing old table as gone for each statement execute function note('${column}')`,
    )
  const { database } = api.bench
  housekeeping = openHousekeeping(database)
})
afterEach(() => admin.query('truncate deleted'))
after(async () => {
  await housekeeping.close()
  await admin.end()
  await api.close()
})

/** Bytes that were deleted from each table. @throws where a transaction took more than one statement may */
const deletedBytes = async (): Promise<Record<string, number>> => {
  const { rows } = await admin.query<{ name: string; bytes: string; transaction: string }>('select * from deleted')
  const perTransaction = new Map<string, number>()
  const perTable: Record<string, number> = {}
  for (const { name, bytes, transaction } of rows) {
    perTransaction.set(transaction, (perTransaction.get(transaction) ?? 0) + Number(bytes))
    perTable[name] = (perTable[name] ?? 0) + Number(bytes)
  }
  // The row that reaches the limit is one more.
  for (const bytes of perTransaction.values()) assert.ok(bytes < bytesAtOnce + 4 * mib, `a transaction deletes ${bytes / mib} MiB`)
  return perTable
}

const rows = async (table: string): Promise<number> => (await admin.query(`select count(*)::int as rows from "${table}"`)).rows[0].rows

/** A cancelled job with 80 MiB of values in pieces, 44 MiB of tensors and a checkpoint of 30 MiB in its row, as earlier versions wrote it. */
const largeJob = async (): Promise<string> => {
  const { id } = await api.submit()
  await api.post(`/v1/jobs/${id}/cancel`)
  await admin.query(
    `insert into "Checkpoint" ("jobId", epoch, step, memo, layout, values) values ($1, 1, 0, '{}', '[]', decode(repeat('00', $2::int), 'hex'))`,
    [id, 30 * mib],
  )
  await admin.query(
    `with blob as (insert into "Blob" (id, "jobId", token, kept, "pieceBytes") values (gen_random_uuid(), $1, gen_random_uuid(), true, $2::int) returning id)
    insert into "BlobPiece" ("blobId", index, bytes) select blob.id, index, decode(repeat('00', $2::int), 'hex') from blob, generate_series(0, 19) as index`,
    [id, 4 * mib],
  )
  await admin.query(
    `insert into "Tensor" ("jobId", kind, epoch, position, parameter, shape, norm, values)
    select $1, 'gradient', epoch, 0, 'layers.0.weight', '{1,1}', 0, decode(repeat('00', $2::int), 'hex') from generate_series(1, 11) as epoch`,
    [id, 4 * mib],
  )
  await admin.query(`insert into "Event" ("jobId", seq, type) select $1, seq, 'epoch' from generate_series(10, 20100) as seq`, [id])
  return id
}

it('a job that left much is deleted at the first try, no more at a time than a statement can in time', async () => {
  const id = await largeJob()
  assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
  assert.deepEqual(await deletedBytes(), { Tensor: 44 * mib, Checkpoint: 30 * mib, BlobPiece: 80 * mib })
  for (const table of ['Job', 'Blob', 'Event', 'Dataset']) assert.equal(await rows(table), 0, table)
})

it('a job whose deletion is broken off is gone at once, and the housekeeping deletes what is left of it', async () => {
  const id = await largeJob()
  await admin.query('create table "stopped_BlobPiece" ()')
  assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
  for (const path of ['', '/epochs', '/events', '/weights']) assert.equal((await api.get(`/v1/jobs/${id}${path}`)).status, 404, path)
  assert.deepEqual((await api.get('/v1/jobs')).body.data, [])
  assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 404)
  assert.equal(await rows('BlobPiece'), 20)
  await admin.query('drop table "stopped_BlobPiece"')
  await housekeeping.tidy()
  assert.equal((await deletedBytes()).BlobPiece, 80 * mib)
  for (const table of ['Job', 'Blob', 'Event', 'Dataset']) assert.equal(await rows(table), 0, table)
})

/** Chunks of 1 MiB as datasets share them, and in the dataset's own rows, as earlier versions wrote them. */
const chunks = {
  Chunk: `with shared as (
      insert into "Chunk" (hash, bytes) select sha256(bytes), bytes from (
        select decode(repeat(lpad(to_hex(index), 8, '0'), $2::int / 4), 'hex') as bytes from generate_series(1, 70) as index) as made returning hash
    )
    insert into "DatasetChunk" ("datasetId", index, hash) select $1, row_number() over (), hash from shared`,
  DatasetChunk: `insert into "DatasetChunk" ("datasetId", index, bytes) select $1, index, decode(repeat('00', $2::int), 'hex') from generate_series(1, 70) as index`,
}

for (const [table, insertion] of Object.entries(chunks))
  for (const stopped of new Set([null, 'DatasetChunk', table]))
    it(`a large upload whose bytes lie in ${table} is deleted no more at a time than a statement can in time${stopped ? `, also if its deletion stops at ${stopped}` : ''}`, async () => {
      const { id } = (await api.post('/v1/datasets', { features: [[1], [2]], labels: [[2], [4]] })).body
      await admin.query(insertion, [id, mib])
      if (stopped) await admin.query(`create table "stopped_${stopped}" ()`)
      assert.equal((await api.remove(`/v1/datasets/${id}`)).status, 204)
      assert.equal((await api.get(`/v1/datasets/${id}`)).status, 404)
      if (stopped) {
        assert.equal(await rows(table), 71)
        await admin.query(`drop table "stopped_${stopped}"`)
        for (let round = 0; round < 3; round++) await housekeeping.tidy()
      }
      const { Chunk = 0, DatasetChunk = 0 } = await deletedBytes()
      assert.equal(Chunk + DatasetChunk, 70 * mib + 16)
      for (const emptied of ['Dataset', 'DatasetChunk', 'Chunk']) assert.equal(await rows(emptied), 0, emptied)
    })

it('large answers that were kept for repeats go no more at a time than a statement can in time', async () => {
  await admin.query('alter table "IdempotencyKey" alter column body set storage external')
  await admin.query(
    `insert into "IdempotencyKey" (tenant, key, fingerprint, status, body, "createdAt")
    select 'default', key, '', 202, repeat('x', $1::int), now() - interval '2 days' from generate_series(1, 12) as key`,
    [4 * mib],
  )
  await housekeeping.tidy()
  assert.deepEqual(await deletedBytes(), { IdempotencyKey: 48 * mib })
})
