/** Uploads that are stored in more than one transaction: seen whole or not at all, whatever ends them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { after, afterEach, before, it } from 'node:test'
import pg from 'pg'
import type { StoredColumn } from '../../../src/api/column.schema.ts'
import type { NewDataset } from '../../../src/features/datasets/dataset.ts'
import type { StoredPart } from '../../../src/features/datasets/table/stored-part.ts'
import { createUploadRepository, type UploadRepository } from '../../../src/features/datasets/upload.repository.ts'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'
import { openSocket, received, requestHead } from '../../support/raw-http.ts'
import { newTable } from '../../support/stored-tables.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let admin: pg.Client
let uploads: UploadRepository
let housekeeping: HousekeepingService
before(async () => {
  api = await openTestApi()
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { database, url } = api.bench
  admin = new pg.Client({ connectionString: url })
  await admin.connect()
  uploads = createUploadRepository(database)
  housekeeping = openHousekeeping(database)
  // The fifth chunk of an upload waits for whoever holds this lock.
  await admin.query(`
    create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(78); return new; end $$;
    create trigger wait before insert on "DatasetChunk" for each row when (new.index = 4) execute function wait()`)
})
afterEach(() => admin.query('delete from "Dataset"'))
after(async () => {
  await housekeeping.close()
  await admin.end()
  await api.close()
})

const mib = 2 ** 20
/** Twelve chunks: more than one transaction stores. */
function* chunks(): Generator<StoredPart> {
  for (let at = 0; at < 12; at++) yield { kind: 'values', bytes: Buffer.from(new Float32Array(mib / 4).fill(at).buffer) }
}
const columns: StoredColumn[] = ['x', 'y'].map((name) => ({ name, role: null, type: 'number', min: 0, max: 11, mean: 5.5, std: 3 }))
const table = (id: string): NewDataset => newTable(id, columns, (12 * mib) / 8)
const stored = async () => {
  const { rows } = await admin.query(
    'select (select count(*)::int from "Dataset") as datasets, (select count(*)::int from "DatasetChunk") as chunks',
  )
  return rows[0]
}
const nothing = { datasets: 0, chunks: 0 }
const untilStored = async (wanted: object): Promise<void> => {
  const text = JSON.stringify(wanted)
  while (JSON.stringify(await stored()) !== text) await new Promise(setImmediate)
}
const hold = () => admin.query('select pg_advisory_lock(78)')
const release = () => admin.query('select pg_advisory_unlock(78)')
/** Until the statement that stores the fifth chunk has begun and waits. */
const untilHeld = async (): Promise<void> => {
  const waits = `select from pg_locks where locktype = 'advisory' and objid = 78 and not granted`
  while ((await admin.query(waits)).rowCount === 0) await new Promise(setImmediate)
  assert.deepEqual(await stored(), { datasets: 1, chunks: 4 })
}

it('a large upload appears whole', async () => {
  await uploads.insert(table('ds_whole'), chunks())
  assert.deepEqual(await stored(), { datasets: 1, chunks: 12 })
  const { body } = await api.get('/v1/datasets')
  assert.deepEqual(
    body.data.map(({ id }: { id: string }) => id),
    ['ds_whole'],
  )
  assert.equal((await api.get('/v1/datasets/ds_whole/batch?batchSize=5')).status, 200)
  await housekeeping.tidy()
  assert.deepEqual(await stored(), { datasets: 1, chunks: 12 })
})

it('nobody sees a large upload, trains on it or deletes it before all of it is stored', async () => {
  await hold()
  const inserted = uploads.insert(table('ds_half'), chunks())
  await untilHeld()
  assert.deepEqual((await api.get('/v1/datasets')).body.data, [])
  for (const path of ['', '/batch']) assert.equal((await api.get(`/v1/datasets/ds_half${path}`)).status, 404)
  assert.equal((await api.remove('/v1/datasets/ds_half')).status, 404)
  assert.equal((await api.post('/v1/jobs', notebook({ dataset: { id: 'ds_half' } }))).status, 422)
  await housekeeping.tidy()
  await release()
  await inserted
  assert.equal((await api.get('/v1/datasets/ds_half')).status, 200)
})

it('what was stored of an upload goes when its client does', async () => {
  await hold()
  const gone = new AbortController()
  const inserted = assert.rejects(uploads.insert(table('ds_gone'), chunks(), { signal: gone.signal }), { name: 'AbortError' })
  await untilHeld()
  gone.abort()
  await release()
  await inserted
  await untilStored(nothing)
})

it('what was stored of an upload goes when the rest cannot be', async () => {
  function* broken(): Generator<StoredPart> {
    yield* chunks()
    throw new Error('the disk is gone')
  }
  await assert.rejects(uploads.insert(table('ds_broken'), broken()), /the disk is gone/)
  await untilStored(nothing)
  const onStored = { ready: async () => {}, write: () => Promise.reject(new Error('the key is gone')) }
  await assert.rejects(uploads.insert(table('ds_unkeyed'), chunks(), { onStored }), /the key is gone/)
  await untilStored(nothing)
})

it('an upload that was given up cannot be finished', async () => {
  await hold()
  const refused = assert.rejects(uploads.insert(table('ds_silent'), chunks()), { code: 'UNAVAILABLE' })
  await untilHeld()
  // It takes its turn behind the chunk that waits.
  const looked = api.bench.database.prisma.dataset.update({ where: { id: 'ds_silent' }, data: { uploadingAt: null } }).then()
  const waits = `select from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()`
  while ((await admin.query(waits)).rowCount === 0) await new Promise(setImmediate)
  await release()
  await looked
  await refused
  await untilStored(nothing)
})

it('an upload whose process says nothing for a minute is cleared away, others are not', async () => {
  const now = Date.now()
  for (const [id, silentMs] of [
    ['ds_dead', 61_000],
    ['ds_alive', 30_000],
  ] as const) {
    await api.bench.database.prisma.dataset.create({
      data: {
        ...table(id),
        spec: undefined,
        csv: undefined,
        badRows: undefined,
        missing: undefined,
        columns: [],
        deletedAt: new Date(now),
        uploadingAt: new Date(now - silentMs),
      },
    })
    for (let index = 0; index < 3; index++)
      await api.bench.database.prisma.datasetChunk.create({ data: { datasetId: id, index, bytes: new Uint8Array(8) } })
  }
  await housekeeping.tidy()
  const { rows } = await admin.query('select id from "Dataset"')
  assert.deepEqual(rows, [{ id: 'ds_alive' }])
  assert.deepEqual(await stored(), { datasets: 1, chunks: 3 })
})

it('a large upload is deleted with all of its rows', async () => {
  await uploads.insert(table('ds_deleted'), chunks())
  assert.equal((await api.remove('/v1/datasets/ds_deleted')).status, 204)
  assert.deepEqual(await stored(), nothing)
})

it('a client that breaks off while its file is stored leaves nothing', async () => {
  const { port } = api.app.server.address() as AddressInfo
  const file = `x,y\n${'1,2\n'.repeat(1_300_000)}`
  await hold()
  const socket = await openSocket(port)
  socket.write(requestHead('POST', '/v1/datasets', { 'content-type': 'text/csv' }, file.length) + file)
  await untilHeld()
  socket.resetAndDestroy()
  await release()
  await untilStored(nothing)
})

it('a large file waits for its turn while as many as may be are read', async () => {
  const { port } = api.app.server.address() as AddressInfo
  const begun = `${requestHead('POST', '/v1/datasets', { 'content-type': 'text/csv', 'transfer-encoding': 'chunked', connection: 'close' })}4\r\nx,y\n\r\n`
  const end = '4\r\n1,2\n\r\n0\r\n\r\n'
  const sockets: Socket[] = []
  for (let at = 0; at < 17; at++) {
    const socket = await openSocket(port)
    // Each is asked for its body once it has its turn.
    socket.write(begun.replace('connection: close', 'connection: close\r\nexpect: 100-continue'))
    sockets.push(socket)
    if (at < 16) await once(socket, 'data')
  }
  const [first, last] = [sockets[0], sockets[16]]
  assert.ok(first && last)
  const answer = received(first)
  let isAsked = false
  const asked = once(last, 'data').then(() => {
    isAsked = true
  })
  assert.equal((await api.post('/v1/datasets', 'x,y\n1,2\n', { 'content-type': 'text/csv' })).status, 201, 'a small one need not wait')
  assert.equal(isAsked, false)
  first.write(end)
  assert.match(await answer, /^HTTP\/1\.1 201 /)
  await asked
  for (const socket of sockets) socket.destroy()
})
