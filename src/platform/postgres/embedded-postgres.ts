/**
 * The PostgreSQL that comes with Trainyard: the real server, over a cluster of ours. Any number of processes share it:
 * the first launches it, others join, the last to leave stops it. It is no one's child, so it survives the death of all
 * of them, and whoever comes next joins it.
 *
 * Every user holds an advisory lock in shared mode for as long as it is there; who leaves tries to take it alone, and
 * only the last one can. Locks end with their connection, so a killed process counts as gone.
 */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findPostgres } from './binaries.ts'
import { type Cluster, clusterRole, createCluster, findCluster } from './cluster.ts'
import { findServer, launchServer, type RunningServer, stopServer } from './postgres-process.ts'
import { findServerUser } from './server-user.ts'

export type EmbeddedPostgresOptions = {
  /** Where the cluster lies, or where it says that it lies elsewhere. */
  dataDir: string
  /** Server settings for a launch, such as `fsync=off` for tests. */
  settings?: readonly string[]
  /** Told what is going on: a first start takes a few seconds. */
  onProgress?: (message: string) => void
  /** Told that the server went away, and why it doesn't come back. */
  onTrouble?: (message: string) => void
}

export type EmbeddedPostgres = {
  /** Stays the same for as long as this process holds the server, also over a crash of the server. */
  url: string
  /** Leaves; the last one stops the server. */
  close: () => Promise<void>
}

/** `TRYD` in ASCII: the lock that every user of the server holds. */
const membershipLock = 0x54525944

/** How often a launch is tried again while what is left of a killed server goes away. */
const launchAttempts = 60
const launchPauseMs = 250

/** How often it is told that a server runs and lets nobody in: on a full disk, for instance. */
const refusedMs = 3000

/** Between two attempts to bring a server back that died: longer each time. */
const comeBackMs = { first: 500, most: 15_000 }

/** A server that was killed replays its log before it takes connections. */
const timeoutMs = 300_000

/** Joins the server of a DATA_DIR, making and launching it as needed. @throws saying what would help */
export const openEmbeddedPostgres = async ({
  dataDir,
  settings = [],
  onProgress = () => {},
  onTrouble = onProgress,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const user = findServerUser()
  const cluster = findCluster(resolve(dataDir)) ?? (await create())
  let port: number | undefined
  const leaving = new AbortController()
  let membership = await join()

  async function create(): Promise<Cluster> {
    onProgress('making a PostgreSQL database')
    return createCluster(resolve(dataDir), user, await findPostgres(user))
  }

  async function join(): Promise<pg.Client> {
    const startedAt = Date.now()
    const onRefused = tellRefusals(onTrouble)
    for (let attempt = 1; ; ) {
      if (Date.now() - startedAt > timeoutMs) throw new Error(`PostgreSQL takes no connections: see ${cluster.log}`)
      const server = await findServer(cluster)
      const member = server && (await tryJoin(cluster, server, onRefused))
      if (member) {
        port = server.port
        member.on('end', () => void rejoin())
        return member
      }
      // Starting up, or stopping because its last user left.
      if (server) await sleep(pauseAfter(Date.now() - startedAt))
      else if (!(await launch(attempt))) attempt += 1
    }
  }

  /** False if it may work a little later: someone else is launching too, or a killed server's last processes are still going. */
  async function launch(attempt: number): Promise<boolean> {
    onProgress('starting PostgreSQL')
    try {
      await launchServer(cluster, { user, postgres: await findPostgres(user, cluster.major), port, settings })
      return true
    } catch (error) {
      const passing = /lock file|shared memory|in use/.test(String(error)) && !/No space left|Disk quota|is full/.test(String(error))
      if (!passing || attempt >= launchAttempts) throw error
      await sleep(launchPauseMs)
      return false
    }
  }

  /** The server died under us: brings it back where it was, so that pools find it again, however long that takes. */
  async function rejoin(): Promise<void> {
    if (leaving.signal.aborted) return
    onTrouble('PostgreSQL went away: starting it again')
    for (let pause = comeBackMs.first; !leaving.signal.aborted; pause = Math.min(2 * pause, comeBackMs.most)) {
      try {
        membership = await join()
        onTrouble('PostgreSQL is back')
        break
      } catch (error) {
        onTrouble(`PostgreSQL does not come back, trying again in ${pause / 1000} s: ${error instanceof Error ? error.message : error}`)
        await sleep(pause, undefined, { signal: leaving.signal }).catch(() => {})
      }
    }
    if (leaving.signal.aborted) await membership.end().catch(() => {})
  }

  const close = async (): Promise<void> => {
    leaving.abort()
    const server = await findServer(cluster)
    const last = await leave(membership)
    if (last && server) await stopServer(cluster, server)
    await membership.end().catch(() => {})
  }

  return { url: urlOf(cluster, port ?? 0), close }
}

/** Tells of a server that runs and lets nobody in, which one that starts does for a moment. */
const tellRefusals = (tell: (message: string) => void): ((error: Error) => void) => {
  let toldAt = Date.now()
  return (error) => {
    if (Date.now() - toldAt < refusedMs) return
    toldAt = Date.now()
    tell(`PostgreSQL takes no connections yet: ${error.message}`)
  }
}

/** A server that starts is ready in a moment; one that does not after a while is not asked all the time. */
const pauseAfter = (waitedMs: number): number => (waitedMs < 2000 ? 20 : 200)

const urlOf = (cluster: Cluster, port: number): string => `postgres://${clusterRole}:${cluster.password}@127.0.0.1:${port}/postgres`

/** Undefined if the server doesn't take connections now, or is being stopped by its last user. */
const tryJoin = async (cluster: Cluster, { port }: RunningServer, onRefused: (error: Error) => void): Promise<pg.Client | undefined> => {
  const client = new pg.Client({
    connectionString: urlOf(cluster, port),
    application_name: 'trainyard-member',
    keepAlive: true,
    connectionTimeoutMillis: 5000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ joined: boolean }>('select pg_try_advisory_lock_shared($1) as joined', [membershipLock])
    if (rows[0]?.joined) return client
  } catch (error) {
    if (/password authentication/.test(String(error))) throw error
    if (error instanceof Error) onRefused(error)
  }
  await client.end().catch(() => {})
  return undefined
}

/** True for the last user, who from now on keeps newcomers out. */
const leave = async (member: pg.Client): Promise<boolean> => {
  try {
    await member.query('select pg_advisory_unlock_shared($1)', [membershipLock])
    const { rows } = await member.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [membershipLock])
    return rows[0]?.last === true
  } catch {
    return false
  }
}
