import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { type Migration, migrate, readMigrations } from '../../../src/platform/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

const written = (name: string, sql: string): Migration => ({ name, sql, checksum: `checksum of ${sql}` })

describe('migrations', () => {
  let database: TestDatabase
  let client: pg.Client

  before(async () => {
    database = await createTestDatabase({ empty: true })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  after(async () => {
    await client?.end()
    await database?.close()
  })

  const ledger = async (): Promise<string[]> =>
    (await client.query('select migration_name from _prisma_migrations order by started_at, migration_name')).rows.map(
      (row) => row.migration_name,
    )

  it('migrations are applied once, however many processes start at the same time', async () => {
    const applied = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
    const names = readMigrations().map((migration) => migration.name)
    assert.ok(names.length > 0)
    assert.deepEqual(applied.flat().sort(), names)
    assert.deepEqual((await ledger()).sort(), names)
    const { rows } = await client.query(`select count(*)::int as jobs from "Job"`)
    assert.equal(rows[0].jobs, 0)
  })

  it('migrations have nothing to do on the next start', async () => {
    assert.deepEqual(await migrate(database.url), [])
  })

  it('migrations leave nothing behind when one fails, and go on once it is repaired', async () => {
    const known = readMigrations()
    const first = written('99990101000000_first', 'create table first_one (id int)')
    const broken = written('99990102000000_second', 'create table second_one (id int); select 1/0;')
    await assert.rejects(migrate(database.url, [...known, first, broken]), /99990102000000_second failed: division by zero/)
    assert.ok((await ledger()).includes(first.name))
    assert.ok(!(await ledger()).includes(broken.name))
    assert.equal((await client.query(`select to_regclass('second_one') as there`)).rows[0].there, null)

    const repaired = written(broken.name, 'create table second_one (id int)')
    assert.deepEqual(await migrate(database.url, [...known, first, repaired]), [repaired.name])
  })

  it('warn of one that was changed after it was applied, and of one that is unknown here', async () => {
    const warnings: string[] = []
    const changed = readMigrations().map((migration, index) => (index === 0 ? { ...migration, checksum: 'other' } : migration))
    assert.deepEqual(await migrate(database.url, changed, (message) => warnings.push(message)), [])
    assert.ok(warnings.some((warning) => warning.includes(changed[0]?.name ?? '') && warning.includes('was changed')))
    assert.ok(warnings.some((warning) => warning.includes('99990102000000_second') && warning.includes("doesn't know")))
  })

  it('migrations refuse a database that the Prisma CLI left half-migrated', async () => {
    await client.query(`insert into _prisma_migrations (id, checksum, migration_name) values ('x', 'x', '99990103000000_half')`)
    await assert.rejects(migrate(database.url), /99990103000000_half was left half-applied/)
  })
})
