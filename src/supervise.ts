/**
 * The supervisor: brings up the embedded PostgreSQL (unless DATABASE_URL names another), then one API
 * process and one worker process, keeps them running, and takes everything down in the right order.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { migrate, readMigrations } from './platform/db/migrate.ts'
import { runEntry } from './platform/entry.ts'
import { openPostgres } from './platform/open-postgres.ts'
import { type KeptChild, keepChild } from './platform/supervisor/kept-child.ts'
import { takeSupervisorLock } from './platform/supervisor/supervisor-lock.ts'

/** Longer than the children take to hand back their jobs, shorter than what container engines wait. */
const childGraceMs = 9000

export type SuperviseOptions = {
  env: NodeJS.ProcessEnv
  /** The modules of the processes. */
  entries: { api: string; worker: string }
  /** Their first processes, which are loading. */
  first: { api: ChildProcess; worker: ChildProcess }
}

/** Runs until it is told to stop. */
export const supervise = ({ env, entries, first }: SuperviseOptions): Promise<void> =>
  runEntry({ name: 'supervisor', env, graceMs: 20_000 }, async ({ config, log, stopping, defer, stop }) => {
    mkdirSync(config.dataDir, { recursive: true })
    const postgres = await openPostgres(config, log)
    defer(postgres.close)

    const lock = await takeSupervisorLock({
      url: postgres.url,
      // An embedded database belongs to its DATA_DIR; a shared one serves the supervisors of many machines.
      scope: config.databaseUrl ? `${hostname()}:${config.dataDir}` : 'embedded',
      onLost: () => stop('another supervisor took over', new Error(`another supervisor runs on ${config.dataDir}`)),
    })
    if (!lock) throw new Error(`Trainyard already runs on ${config.dataDir}: stop it, or give this one a DATA_DIR of its own`)
    defer(lock.release)

    const applied = await migrate(postgres.url, readMigrations(), (message) => log.warn(message))
    if (applied.length > 0) log.info({ applied }, 'database migrated')
    if (stopping.aborted) return

    let port = config.port
    let announced = false
    const shared = { ...env, DATABASE_URL: postgres.url, DATA_DIR: config.dataDir }
    const keep = (name: 'api' | 'worker'): KeptChild =>
      keepChild({
        name,
        entry: entries[name],
        first: first[name],
        env: () => ({ ...shared, PORT: String(port) }),
        log,
        onGiveUp: (error) => stop('giving up', error),
        onAnnouncement: (announcement) => {
          if (announcement.type !== 'listening') return
          // An API that is started again must be found where it was.
          port = Number(new URL(announcement.url).port) || port
          if (!announced) process.stdout.write(`listening on ${announcement.url}\n`)
          announced = true
        },
      })
    const children = [keep('api'), keep('worker')]
    defer(() => Promise.all(children.map((child) => child.stop(childGraceMs))))
  })
