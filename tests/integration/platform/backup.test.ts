/** Backups of real databases: to the bit, as of one moment, and never a half of one. */
import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { after, before, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { restoreBackup, writeBackup } from '../../../src/platform/db/backup.ts'
import { listTables } from '../../../src/platform/db/backup-tables.ts'
import { migrate, readMigrations } from '../../../src/platform/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let source: TestDatabase
let target: TestDatabase
before(async () => {
  source = await createTestDatabase()
  await onDatabase(source.url, (client) => client.query(content))
})
after(() => source.close())

/** Text, numbers and bytes that a careless format would lose; a dataset row whose text looks like the end of a table. */
const content = `
  insert into "Dataset" (id, tenant, kind, columns, rows, "inputShape", "contentHash")
    select 'ds_' || i, E'\\\\.', 'upload', jsonb_build_array(E'tab\\t, line\\n, \\\\N, größe \\U0001F600'), i, array[i, 2], E'\\\\.\\n\\\\.'
    from generate_series(1, 300) i;
  insert into "DatasetChunk" ("datasetId", index, bytes)
    select 'ds_' || i, 0, decode(repeat('000a5c2e0aff', 40000), 'hex') from generate_series(1, 20) i;
  insert into "Job" (id, tenant, status, config, "datasetId", epochs, "latestLoss") values
    ('job_1', 'ann', 'succeeded', '{}', 'ds_1', 1, 'NaN'), ('job_2', 'ann', 'failed', '{}', 'ds_2', 1, '-Infinity'),
    ('job_3', 'ann', 'queued', '{}', 'ds_2', 1, 0.1::float8 + 0.2::float8), ('job_4', 'bob', 'queued', '{}', 'ds_2', 1, null);
  insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "learningRate", "gradientNorm", seconds)
    values ('job_1', 1, 5e-324, 1.7976931348623157e308, -0.0, 1::float8 / 3, 2e-10);`

const onDatabase = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Every row of every table, as a hash of what PostgreSQL sends for it. */
const fingerprint = (url: string) =>
  onDatabase(url, async (client) => {
    const hashes: Record<string, string> = {}
    for (const { name } of await listTables(client)) {
      const { rows } = await client.query(
        `select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) || count(*) as hash from "${name}" t`,
      )
      hashes[name] = rows[0].hash
    }
    return hashes
  })

const backup = async (url: string): Promise<Buffer> => {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  await writeBackup(url, sink)
  return Buffer.concat(chunks)
}
const from = (bytes: Buffer): Readable => Readable.from([bytes], { objectMode: false })
const inTarget = async (work: () => Promise<void>): Promise<void> => {
  target = await createTestDatabase()
  try {
    await work()
  } finally {
    await target.close()
  }
}

it('a backup brings everything back to the bit, and psql could read it', async () => {
  const bytes = await backup(source.url)
  const text = gunzipSync(bytes).toString('latin1')
  assert.match(text, /^-- \{"trainyard":"backup","format":1/)
  assert.match(text, /\nCOPY public\."Job" \("id", /)
  await inTarget(async () => {
    await restoreBackup(target.url, from(bytes))
    assert.deepEqual(await fingerprint(target.url), await fingerprint(source.url))
  })
})

it('a backup is the same however it is cut into pieces', async () => {
  const bytes = await backup(source.url)
  await inTarget(async () => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.subarray(7 * at, 7 * at + 7))
    await restoreBackup(target.url, Readable.from(pieces, { objectMode: false }))
    assert.deepEqual(await fingerprint(target.url), await fingerprint(source.url))
  })
})

it('a backup is of one moment, whatever is written meanwhile', async () => {
  const before = await fingerprint(source.url)
  let writes = 0
  const chunks: Buffer[] = []
  const slow = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk)
      const written = onDatabase(source.url, (client) =>
        client.query(`insert into "Sweep" (id, tenant, request) values ('sweep_${++writes}', 'ann', '{}')`),
      )
      written.then(() => done(), done)
    },
  })
  await writeBackup(source.url, slow)
  assert.ok(writes > 0)
  await inTarget(async () => {
    await restoreBackup(target.url, from(Buffer.concat(chunks)))
    assert.deepEqual(await fingerprint(target.url), before)
  })
  await onDatabase(source.url, (client) => client.query('delete from "Sweep"'))
})

it('a backup of an older version is restored and brought up to date', async () => {
  const migrations = readMigrations()
  const bytes = await backup(source.url)
  await inTarget(async () => {
    const newer = { name: '29990101000000_newer', sql: 'alter table "Job" add column "newer" int not null default 7', checksum: 'x' }
    await restoreBackup(target.url, from(bytes), { migrations: [...migrations, newer] })
    const { rows } = await onDatabase(target.url, (client) => client.query('select distinct "newer" from "Job"'))
    assert.deepEqual(rows, [{ newer: 7 }])
    const fromNewer = await backup(target.url)
    await assert.rejects(restoreBackup(target.url, from(fromNewer), { replace: true }), /newer version/)
  })
})

it('a backup takes the place of data only where that is said, and of a running service never', async () => {
  const bytes = await backup(source.url)
  await inTarget(async () => {
    await onDatabase(target.url, (client) => client.query(`insert into "Sweep" (id, tenant, request) values ('mine', 'ann', '{}')`))
    const mine = await fingerprint(target.url)
    await assert.rejects(restoreBackup(target.url, from(bytes)), /holds data.*--replace/)
    const service = new pg.Client({ connectionString: target.url, application_name: 'trainyard' })
    await service.connect()
    await assert.rejects(restoreBackup(target.url, from(bytes), { replace: true }), /is running.*stop it/)
    await service.end()
    assert.deepEqual(await fingerprint(target.url), mine)
    await restoreBackup(target.url, from(bytes), { replace: true })
    assert.deepEqual(await fingerprint(target.url), await fingerprint(source.url))
  })
})

it('a damaged backup changes nothing', async () => {
  const bytes = await backup(source.url)
  const text = gunzipSync(bytes)
  const asText = (edit: (text: string) => string) => gzipSync(Buffer.from(edit(text.toString('latin1')), 'latin1'))
  await inTarget(async () => {
    await restoreBackup(target.url, from(bytes))
    const good = await fingerprint(target.url)
    const damaged: [Buffer, RegExp][] = [
      [bytes.subarray(0, bytes.length - 20), /damaged|incomplete/],
      [gzipSync(text.subarray(0, text.length - 40)), /incomplete/],
      [Buffer.from('hello'), /no backup/],
      [gzipSync(Buffer.from('hello\n')), /no backup/],
      [gzipSync(Buffer.alloc(3 * 2 ** 20, 'x')), /no backup/],
      [asText((all) => all.replace('COPY public."Sweep"', 'DROP TABLE "Job"; COPY public."Sweep"')), /no backup has/],
      [asText((all) => all.replace('job_3\tann', 'job_1\tann')), /duplicate key/],
      [asText((all) => all.replace('\tds_1\t', '\tds_none\t')), /foreign key|violates/],
    ]
    damaged.push([bytes.subarray(0, bytes.length - 1), /damaged|incomplete/])
    const flipped = Buffer.from(bytes)
    flipped[bytes.length - 6] = ~(flipped[bytes.length - 6] ?? 0)
    damaged.push([flipped, /damaged/], [gzipSync(Buffer.concat([text, Buffer.from('more\n')])), /behind its last line/])
    for (const [wrong, message] of damaged) {
      await assert.rejects(restoreBackup(target.url, from(wrong), { replace: true }), message)
      assert.deepEqual(await fingerprint(target.url), good, String(message))
    }
  })
})

/** A backup of which the second half comes once the restore writes tables, and `work` is done. */
const whileItLoads = (bytes: Buffer, url: string, work: () => Promise<unknown>): Readable => {
  const half = Math.floor(bytes.length / 2)
  async function* pieces() {
    yield bytes.subarray(0, half)
    await onDatabase(url, async (client) => {
      while ((await client.query(loading)).rowCount === 0);
    })
    await work()
    yield bytes.subarray(half)
  }
  return Readable.from(pieces(), { objectMode: false })
}
const restoring = `select pid from pg_stat_activity where datname = current_database() and application_name = 'trainyard-backup'`
const loading = `${restoring} and query like 'COPY%' and state = 'active'`

it('a restore shows nothing of itself before it is whole, and keeps a service that starts from starting', async () => {
  const bytes = await backup(source.url)
  await inTarget(async () => {
    await restoreBackup(target.url, from(bytes))
    await onDatabase(target.url, (client) => client.query(`delete from "Epoch"; update "Dataset" set tenant = 'mine'`))
    const mine = await fingerprint(target.url)
    let starting: Promise<unknown> | undefined
    let started = false
    const half = whileItLoads(bytes, target.url, async () => {
      assert.deepEqual(await fingerprint(target.url), mine)
      starting = migrate(target.url).then(() => {
        started = true
      })
      await onDatabase(target.url, async (client) => {
        while (
          (await client.query(`select 1 from pg_stat_activity where application_name = 'trainyard-migrate' and wait_event = 'advisory'`))
            .rowCount === 0
        );
      })
      assert.equal(started, false)
    })
    await restoreBackup(target.url, half, { replace: true })
    await starting
    assert.deepEqual(await fingerprint(target.url), await fingerprint(source.url))
  })
})

it('a restore that dies or is stopped leaves what was there', async () => {
  const bytes = await backup(source.url)
  await inTarget(async () => {
    await restoreBackup(target.url, from(bytes))
    await onDatabase(target.url, (client) => client.query('delete from "Epoch"'))
    const mine = await fingerprint(target.url)
    // Whatever it is at by then: it goes from one table to the next.
    const kill = () => onDatabase(target.url, (client) => client.query(`select pg_terminate_backend(pid) from (${restoring}) as t`))
    await assert.rejects(
      restoreBackup(target.url, whileItLoads(bytes, target.url, kill), { replace: true }),
      /terminat|ECONNRESET|connection error/,
    )
    assert.deepEqual(await fingerprint(target.url), mine)
    const stopping = new AbortController()
    const stop = async () => stopping.abort(new Error('stopped'))
    const { signal } = stopping
    await assert.rejects(restoreBackup(target.url, whileItLoads(bytes, target.url, stop), { replace: true, signal }), /^Error: stopped$/)
    assert.deepEqual(await fingerprint(target.url), mine)
  })
})
