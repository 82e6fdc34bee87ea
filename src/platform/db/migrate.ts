/**
 * Applies prisma/migrations at start with node-postgres alone, since Prisma's CLI wants an engine binary that
 * closed networks don't have. It keeps the same ledger table and takes the same lock as `prisma migrate deploy`,
 * so both may be used on one database.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findPackageRoot } from '../package-root.ts'

/** The advisory lock that Prisma Migrate takes on PostgreSQL. */
const prismaMigrateLock = 72707369

const ledger = `create table if not exists "_prisma_migrations" (
  "id" varchar(36) primary key not null, "checksum" varchar(64) not null, "finished_at" timestamptz,
  "migration_name" varchar(255) not null, "logs" text, "rolled_back_at" timestamptz,
  "started_at" timestamptz not null default now(), "applied_steps_count" integer not null default 0)`

/** One migration as it lies on disk. The checksum is Prisma's: SHA-256 of the file. */
export type Migration = { name: string; sql: string; checksum: string }

type Applied = { migration_name: string; checksum: string; finished_at: Date | null; rolled_back_at: Date | null }

/** Reads a folder of migrations in the order in which they apply. */
export const readMigrations = (folder: string = join(findPackageRoot(), 'prisma', 'migrations')): Migration[] =>
  readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })

/**
 * Brings the database to the newest schema. Starters that come at the same time wait for each other on the lock.
 * Each migration and its line in the ledger are one transaction: a failed one leaves nothing behind.
 * @returns names of the migrations applied now
 * @throws when a migration fails, or when Prisma's CLI left one half-applied
 */
export const migrate = async (
  url: string,
  migrations: Migration[] = readMigrations(),
  warn: (message: string) => void = () => {},
): Promise<string[]> => {
  const client = new pg.Client({ connectionString: url, application_name: 'trainyard-migrate' })
  await client.connect()
  try {
    await lockMigrations(client)
    const pending = await findPending(client, migrations, warn)
    for (const migration of pending) await applyAlone(client, migration)
    await alignPositions(client, false)
    return pending.map((migration) => migration.name)
  } finally {
    // Ends the session, which frees the lock whatever state the connection is in.
    await client.end()
  }
}

/** Keeps all others from migrating, and so from starting, until this connection ends. */
export const lockMigrations = async (client: pg.Client): Promise<void> => {
  await client.query('select pg_advisory_lock($1)', [prismaMigrateLock])
}

/** The same within a transaction and under a lock that the caller has. */
export const migrateWithin = async (client: pg.Client, migrations: Migration[]): Promise<void> => {
  for (const migration of await findPending(client, migrations, () => {})) await apply(client, migration)
}

/**
 * Has positions of events go on behind those that are stored: in a database that was loaded into another server, transactions have numbers that
 * begin anew. `leap`: also behind those that the database had given out after it was saved. (docs/adr/0034)
 */
export const alignPositions = async (client: pg.Client, leap: boolean): Promise<void> => {
  const { rows } = await client.query<{ known: boolean }>(`select to_regprocedure('align_event_positions(boolean)') is not null as known`)
  if (rows[0]?.known) await client.query('select align_event_positions($1)', [leap])
}

const findPending = async (client: pg.Client, migrations: Migration[], warn: (message: string) => void): Promise<Migration[]> => {
  await client.query(ledger)
  const { rows } = await client.query<Applied>('select migration_name, checksum, finished_at, rolled_back_at from "_prisma_migrations"')
  for (const warning of checkLedger(rows, migrations)) warn(warning)
  const applied = new Set(rows.filter(isApplied).map((row) => row.migration_name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

const isApplied = (row: Applied): boolean => row.finished_at !== null && row.rolled_back_at === null

const checkLedger = (rows: Applied[], migrations: Migration[]): string[] => {
  const broken = rows.find((row) => !row.finished_at && !row.rolled_back_at)
  if (broken)
    throw new Error(`migration ${broken.migration_name} was left half-applied: repair the database, then run "prisma migrate resolve"`)
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]))
  return rows.filter(isApplied).flatMap((row) => {
    if (!known.has(row.migration_name)) return [`the database has migration ${row.migration_name}, which this version doesn't know`]
    return known.get(row.migration_name) === row.checksum ? [] : [`migration ${row.migration_name} was changed after it was applied`]
  })
}

const applyAlone = async (client: pg.Client, migration: Migration): Promise<void> => {
  await client.query('begin')
  try {
    await apply(client, migration)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

const apply = async (client: pg.Client, { name, sql, checksum }: Migration): Promise<void> => {
  try {
    await client.query(sql)
  } catch (error) {
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
  await client.query(
    `insert into "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)`,
    [randomUUID(), checksum, name],
  )
}
