/**
 * What every role needs, opened in the right order: the database (given, or embedded under DATA_DIR), its migrations,
 * the pool, the notifications and the wake-ups. An entry is then a few lines:
 *
 *     const config = loadConfig(process.env)
 *     const log = createLog({ level: config.logLevel, name: 'api' })
 *     const infrastructure = await openInfrastructure(config, log)
 *     // compose services over infrastructure.{database, notifications, wake-up}, run, then
 *     await infrastructure.close()
 */
import type { Config } from '../config.ts'
import { channels } from '../contracts/queue.ts'
import { createDatabase, type Database } from './db/database-client.ts'
import { migrate, readMigrations } from './db/migrate.ts'
import { createNotifications, type Notifications } from './db/notifications.ts'
import type { Log } from './log.ts'
import { openPostgres } from './open-postgres.ts'
import type { PoolLimits } from './pool.ts'
import { createWakeUps, type WakeUps } from './queue/wake-ups.ts'

export type Infrastructure = {
  databaseUrl: string
  database: Database
  notifications: Notifications
  wakeUps: WakeUps
  /** Closes everything in reverse; call it once all work is done. An embedded server stops with its last user. */
  close: () => Promise<void>
}

/**
 * Opens everything, or nothing: what stands already is closed again if a later step fails.
 * `timeoutMs`: how long to wait for a given database that doesn't answer yet; `limits`: how long the pool lets statements wait.
 */
export const openInfrastructure = async (
  config: Config,
  log: Log,
  { timeoutMs, limits }: { timeoutMs?: number; limits?: PoolLimits } = {},
): Promise<Infrastructure> => {
  const opened: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const step of opened.splice(0).reverse()) await step().catch((error) => log.warn({ err: error }, 'closing failed'))
  }
  const onError = tellOncePer(10_000, (error) => log.warn({ err: error }, `connection trouble: ${error.message}`))

  try {
    const { url: databaseUrl, close: leave } = await openPostgres(config, log, timeoutMs)
    opened.push(leave)

    const applied = await migrate(databaseUrl, readMigrations(), (message) => log.warn(message))
    if (applied.length > 0) log.info({ applied }, 'database migrated')

    const database = createDatabase(databaseUrl, { limits, onError })
    opened.push(database.close)
    const notifications = createNotifications(databaseUrl, { channels: Object.values(channels), onError })
    opened.push(notifications.close)
    const wakeUps = await createWakeUps({ databaseUrl, redisUrl: config.redisUrl, onError })
    opened.push(wakeUps.close)

    return { databaseUrl, database, notifications, wakeUps, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Passes each kind of error on at most once in `ms`: a server that is away fails many attempts per second. */
const tellOncePer = (ms: number, tell: (error: Error) => void): ((error: Error) => void) => {
  const toldAt = new Map<string, number>()
  return (error) => {
    const now = Date.now()
    if (now - (toldAt.get(error.message) ?? 0) < ms) return
    // Messages may hold addresses and numbers: the memory of them stays small.
    if (toldAt.size > 100) toldAt.clear()
    toldAt.set(error.message, now)
    tell(error)
  }
}
