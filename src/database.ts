/**
 * Entry of `npm run psql`, `npm run backup` and `npm run restore`: the database of DATABASE_URL, or the embedded one of
 * DATA_DIR, which is started for as long as it takes if the service doesn't run.
 */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from './config.ts'
import { restoreBackup, writeBackup } from './platform/db/backup.ts'
import { runPsql } from './platform/db/psql.ts'
import { createLog } from './platform/log.ts'
import { openPostgres } from './platform/open-postgres.ts'
import { findCluster } from './platform/postgres/cluster.ts'

const [command, ...rest] = process.argv.slice(2)
const say = (message: string): void => void process.stderr.write(`${message}\n`)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)))

/** Runs `work` on the database. @throws if the embedded one would have to be made for it */
const onDatabase = async <T>(work: (url: string) => Promise<T>, { mayBeMade = false } = {}): Promise<T> => {
  const config = loadConfig(process.env, { listens: false })
  if (!config.databaseUrl && !mayBeMade && !findCluster(config.dataDir))
    throw new Error(`there is no database in ${config.dataDir}: set DATA_DIR or DATABASE_URL, or start the service once`)
  const postgres = await openPostgres(config, createLog({ level: 'warn', name: 'database' }))
  try {
    return await work(postgres.url)
  } finally {
    await postgres.close()
  }
}

/** npm runs this in the project's folder; a file is meant where the person is. */
const fileOf = (name: string): string => resolve(process.env.INIT_CWD ?? '.', name)

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

const sizeText = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`

const backup = async (): Promise<void> => {
  const { positionals } = parseArgs({ args: rest, allowPositionals: true, options: {} })
  const file = fileOf(positionals[0] ?? `trainyard-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.sql.gz`)
  if (existsSync(file)) throw new Error(`${file} is there already: name another file`)
  if (!isFolder(dirname(file))) throw new Error(`there is no folder ${dirname(file)}: make it first, or name another file`)
  const partial = `${file}.${process.pid}.partial`
  // Whoever can read it can read everything.
  const opened = await open(partial, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`no file can be written in ${dirname(file)} (${error.code})`)
  })
  try {
    await onDatabase((url) => writeBackup(url, opened.createWriteStream({ flush: true }), interrupted.signal))
    await rename(partial, file)
  } finally {
    await opened.close().catch(() => {})
    await rm(partial, { force: true })
  }
  say(`wrote ${file}, ${sizeText((await stat(file)).size)}`)
}

const restore = async (): Promise<void> => {
  const { positionals, values } = parseArgs({ args: rest, allowPositionals: true, options: { replace: { type: 'boolean' } } })
  const [name] = positionals
  if (!name) throw new Error('usage: npm run restore -- [--replace] FILE')
  const file = fileOf(name)
  if (!existsSync(file)) throw new Error(`there is no file ${file}`)
  if (isFolder(file)) throw new Error(`${file} is a folder: name the file of a backup`)
  const { signal } = interrupted
  await onDatabase((url) => restoreBackup(url, createReadStream(file), { replace: values.replace, signal }), { mayBeMade: true })
  say(`restored ${file}; what was queued or running goes on at the next start`)
}

const psql = async (): Promise<void> => {
  process.exitCode = await onDatabase((url) => runPsql(url, rest, process.env))
}

const commands: Record<string, () => Promise<void>> = { backup, restore, psql }

try {
  const run = commands[command ?? '']
  if (!run) throw new Error(`usage: database ${Object.keys(commands).join('|')}`)
  await run()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
