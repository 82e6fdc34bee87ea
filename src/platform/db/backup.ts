/**
 * Backups with the driver alone, since the embedded PostgreSQL comes without pg_dump: every table by COPY, in one snapshot, as
 * the text that pg_dump would write, so that psql can load it too. Floats are written with all their digits, and come back
 * to the bit. The queue's wake-ups are left out; jobs that wait are found without them.
 */
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { createBackupReader } from './backup-reader.ts'
import { copyStatement, listSequences, listTables } from './backup-tables.ts'
import { alignPositions, lockMigrations, type Migration, migrateWithin, readMigrations } from './migrate.ts'

/** The first line of a backup, behind a comment sign. */
type Header = { trainyard: 'backup'; format: 1; at: string; migrations: string[] }

const endMark = '-- end of the backup'
/** Where the tables stand until the transaction in which others take their place has all of them. */
const asideSchema = 'trainyard_before_restore'
/** Connections of a running service; whoever holds or starts the embedded server is none. */
const serviceNames = ['trainyard', 'trainyard-notifications', 'trainyard-queue']

/** Writes all that the database holds, compressed, as of one moment; the service may go on meanwhile. */
export const writeBackup = async (url: string, output: Writable, signal?: AbortSignal): Promise<void> => {
  const client = await connect(url)
  try {
    await client.query('begin isolation level repeatable read read only')
    await pipeline(Readable.from(backupOf(client), { objectMode: false }), createGzip(), output, { signal })
  } finally {
    await client.end()
  }
}

export type RestoreOptions = {
  /** Lets the backup take the place of what is there. */
  replace?: boolean
  migrations?: Migration[]
  /** Gives the restore up, which leaves what was there. */
  signal?: AbortSignal
}

/**
 * Makes the database what the backup says, and brings it to this version's schema: all of it, or nothing changes.
 * @throws if it is no whole backup, of a newer version, if the service runs, or if there is data and `replace` isn't said
 */
export const restoreBackup = async (
  url: string,
  input: Readable,
  { replace = false, migrations = readMigrations(), signal }: RestoreOptions = {},
): Promise<void> => {
  const text = createGunzip()
  input.once('error', (error) => text.destroy(error)).pipe(text)
  const stop = (): void => void input.destroy(signal?.reason)
  signal?.addEventListener('abort', stop)
  // The reader meets it, if it still reads.
  text.on('error', () => {})
  try {
    await restore(url, createBackupReader(text), { replace, migrations, signal })
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
    input.destroy()
    text.destroy()
  }
}

type Reader = ReturnType<typeof createBackupReader>

const restore = async (
  url: string,
  reader: Reader,
  { replace, migrations, signal }: RestoreOptions & { migrations: Migration[] },
): Promise<void> => {
  const header = readHeader(await reader.line())
  const known = migrations.filter(({ name }) => header.migrations.includes(name))
  if (known.length < header.migrations.length)
    throw new Error('the backup was made by a newer version of Trainyard: restore it with that one')

  const client = await connect(url)
  const stop = (): void => void client.end()
  signal?.addEventListener('abort', stop)
  try {
    // A service that starts meanwhile waits, and then finds all of it.
    await lockMigrations(client)
    await client.query('begin')
    // A supervisor whose children are down brings them back.
    await refuseService(client, [...serviceNames, 'trainyard-supervisor'])
    if (!replace && (await holdsData(client)))
      throw new Error('the database holds data: say --replace to have the backup take its place, or use another DATA_DIR')
    await client.query(`alter schema public rename to ${asideSchema}; create schema public`)
    await migrateWithin(client, known)
    await load(client, reader)
    await migrateWithin(client, migrations)
    await alignPositions(client, true)
    await refuseService(client, serviceNames)
    await client.query(`drop schema ${asideSchema} cascade; drop schema if exists bullmq cascade`)
    await client.query('commit')
    await client.query('analyze')
  } finally {
    signal?.removeEventListener('abort', stop)
    // If anything failed, this is what takes everything back.
    await client.end()
  }
}

const refuseService = async (client: pg.Client, names: readonly string[]): Promise<void> => {
  // What the view shows stays the same within a transaction unless that is said.
  await client.query('select pg_stat_clear_snapshot()')
  const { rowCount } = await client.query(
    'select 1 from pg_stat_activity where datname = current_database() and application_name = any($1)',
    [names],
  )
  if (rowCount) throw new Error('the service is running on this database: stop it first')
}

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: 'trainyard-backup' })
  // Whoever waits for an answer is told as well.
  client.on('error', () => {})
  await client.connect()
  return client
}

const holdsData = async (client: pg.Client): Promise<boolean> => {
  for (const { name } of await listTables(client)) {
    const { rowCount } = await client.query(`select 1 from public."${name}" limit 1`)
    if (rowCount) return true
  }
  return false
}

const readHeader = (line: string): Header => {
  try {
    const header = JSON.parse(line.replace(/^-- /, '')) as Header
    if (header.trainyard === 'backup' && header.format === 1 && Array.isArray(header.migrations)) return header
  } catch {
    // Some other text.
  }
  throw new Error('this is no backup that `npm run backup` made')
}

const copyLine = /^(COPY public\."\w+" \("\w+"(?:, "\w+")*\)) FROM stdin;$/
const sequenceLine = /^SELECT pg_catalog\.setval\('public\."\w+"', \d+, true\);$/

/** Runs what the backup says, and nothing that a backup doesn't say. */
const load = async (client: pg.Client, reader: Reader): Promise<void> => {
  for (let line = await reader.line(); line !== endMark; line = await reader.line()) {
    const copy = copyLine.exec(line)?.[1]
    if (copy) await pipeline(Readable.from(reader.rows(), { objectMode: false }), client.query(copyFrom(`${copy} FROM STDIN`)))
    else if (sequenceLine.test(line)) await client.query(line)
    else throw new Error('the backup is damaged: it has a line that no backup has')
  }
  await reader.end()
}

async function* backupOf(client: pg.Client): AsyncGenerator<Buffer | string> {
  const { rows } = await client.query<{ name: string }>(
    'select migration_name as name from "_prisma_migrations" where finished_at is not null and rolled_back_at is null order by 1',
  )
  const header: Header = { trainyard: 'backup', format: 1, at: new Date().toISOString(), migrations: rows.map(({ name }) => name) }
  yield `-- ${JSON.stringify(header)}\n`
  for (const table of await listTables(client)) {
    const statement = copyStatement(table)
    yield `${statement} FROM stdin;\n`
    yield* client.query(copyTo(`${statement} TO STDOUT`))
    yield '\\.\n'
  }
  for (const { name, value } of await listSequences(client)) yield `SELECT pg_catalog.setval('public."${name}"', ${value}, true);\n`
  yield `${endMark}\n`
}
