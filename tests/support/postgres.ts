/**
 * Real PostgreSQL for tests: one throwaway server for the whole run (the embedded one, without waiting for disks), and a
 * fresh, migrated database per caller, copied from a template in about 50 ms.
 */
import { createHash, randomUUID } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate, readMigrations } from '../../src/platform/db/migrate.ts'
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/platform/postgres/embedded-postgres.ts'
import { createWakeUps } from '../../src/platform/queue/wake-ups.ts'

export type TestDatabase = {
  url: string
  /** Drops the database; a connection that is still open is cut. */
  close: () => Promise<void>
}

const templateLock = 0x54455354

/** The server that all test files share. Hold it over a run, and files need not start it again and again. */
export const openTestServer = (): Promise<EmbeddedPostgres> =>
  openEmbeddedPostgres({
    dataDir: join(tmpdir(), `trainyard-tests-${userInfo().uid}`),
    settings: ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=300'],
  })

/** A new database: with all migrations applied, BullMQ's too, unless `empty` is asked for. */
export const createTestDatabase = async ({ empty = false } = {}): Promise<TestDatabase> => {
  const server = await openTestServer()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(server.url, async (admin) => {
    if (empty) return admin.query(`create database ${name}`)
    await admin.query('select pg_advisory_lock($1)', [templateLock])
    return admin.query(`create database ${name} template ${await openTemplate(admin, server.url)}`)
  })
  return {
    url: databaseUrl(server.url, name),
    close: async () => {
      await administer(server.url, (admin) => admin.query(`drop database if exists ${name} with (force)`))
      await server.close()
    },
  }
}

/** The template of these migrations; those of others stay, since a run beside this one may use them. */
const openTemplate = async (admin: pg.Client, serverUrl: string): Promise<string> => {
  const migrations = readMigrations()
  const hash = createHash('sha256')
    .update(migrations.map((migration) => migration.checksum).join())
    .digest('hex')
  const name = `template_${hash.slice(0, 16)}`
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name])
  if (rowCount) return name
  const draft = `draft_${randomUUID().replaceAll('-', '')}`
  await admin.query(`create database ${draft}`)
  await migrate(databaseUrl(serverUrl, draft), migrations)
  const wakeUps = await createWakeUps({ databaseUrl: databaseUrl(serverUrl, draft) })
  await wakeUps.close()
  await admin.query(`alter database ${draft} rename to ${name}`)
  return name
}

const administer = async (url: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> => {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}

const databaseUrl = (serverUrl: string, name: string): string => {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
