/** The database, the queue, the network and the disk. */
import { statfsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { postmasterPid, withDatabase } from '../../support/e2e/embedded-database.ts'
import { kill } from '../../support/e2e/processes.ts'
import type { Fault, Injected, Injection } from './fault.ts'

const others = `from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`

const killPostmaster = async ({ site: { home } }: Injection): Promise<Injected> => {
  const pid = postmasterPid(home.dataDir)
  kill(pid)
  return { detail: `postmaster ${pid}`, endedAt: Date.now() }
}

/** PostgreSQL then ends all other connections and replays its log. */
const killBackend = async ({ site: { home }, random }: Injection): Promise<Injected> => {
  const pids = await withDatabase(home.dataDir, async (client) => (await client.query<{ pid: number }>(`select pid ${others}`)).rows)
  const { pid } = random.pick(pids)
  kill(pid)
  return { detail: `backend ${pid} of ${pids.length}`, endedAt: Date.now() }
}

const terminate = async ({ site: { home } }: Injection): Promise<Injected> => {
  const ended = await withDatabase(
    home.dataDir,
    async (client) => (await client.query(`select pg_terminate_backend(pid) ${others}`)).rowCount,
  )
  if (!ended) throw new Error('there was no connection to end')
  return { detail: `${ended} connections`, endedAt: Date.now() }
}

const holdLocks = async ({ site: { home }, scale }: Injection): Promise<Injected> => {
  const rows = await withDatabase(home.dataDir, async (client) => {
    await client.query('begin')
    const { rowCount } = await client.query(`select 1 from "Job" where status not in ('succeeded', 'failed', 'cancelled') for update`)
    await sleep(20_000 * scale)
    await client.query('rollback')
    return rowCount
  })
  if (!rows) throw new Error('there was no row to lock')
  return { detail: `${rows} rows`, endedAt: Date.now() }
}

const cutNetwork = async ({ site: { network }, random, scale }: Injection): Promise<Injected> => {
  const connections = network.connections()
  if (connections === 0) throw new Error('nothing went through the network')
  const how = random.pick(['cut', 'hang'] as const)
  network[how]()
  try {
    await sleep(30_000 * scale)
  } finally {
    // Those that hung end; new ones pass.
    network.cut()
    network.restore()
  }
  return { detail: `${connections} connections ${how === 'cut' ? 'refused' : 'without an answer'}`, endedAt: Date.now() }
}

const flushRedis = async ({ site: { redis } }: Injection): Promise<Injected> => {
  if (!redis) throw new Error('there is no Redis')
  const client = new Redis(redis.url)
  try {
    const keys = await client.dbsize()
    await client.flushall()
    return { detail: `${keys} keys`, endedAt: Date.now() }
  } finally {
    client.disconnect()
  }
}

/** True where PostgreSQL has no room for a table, or is down for want of it. */
const refusesWrites = (dataDir: string): Promise<boolean> =>
  withDatabase(dataDir, (client) =>
    client.query('create temp table room as select repeat(md5(n::text), 60) from generate_series(1, 4000) n'),
  ).then(
    () => false,
    () => true,
  )

/** Fills it to the last block, again and again, so that what is freed meanwhile is taken too. */
const fillDisk = async ({ site: { disk, home }, scale }: Injection): Promise<Injected> => {
  if (!disk) throw new Error('there is no small disk')
  const path = join(disk.folder, 'filler')
  const file = await open(path, 'w')
  const zeros = Buffer.alloc(2 ** 20)
  const end = Date.now() + 10_000 * scale
  let refused = 0
  try {
    while (Date.now() < end) {
      try {
        await file.write(zeros, 0, statfsSync(disk.folder).bavail > 256 ? zeros.length : 4096)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        if (await refusesWrites(home.dataDir)) refused += 1
        await sleep(50)
      }
    }
  } finally {
    await file.close()
    await rm(path)
  }
  if (refused === 0) throw new Error('the disk never filled')
  return { detail: `no block left, ${refused} writes refused`, endedAt: Date.now() }
}

export const serverFaults: readonly Fault[] = [
  { name: 'postmaster', about: "kill -9 of PostgreSQL's postmaster", inject: killPostmaster },
  { name: 'backend', about: 'kill -9 of one PostgreSQL backend, which ends them all', inject: killBackend },
  { name: 'connections', about: 'all database connections terminated', inject: terminate },
  { name: 'locks', about: "a transaction holds all unfinished jobs' rows for 20 s", hits: 'jobs', inject: holdLocks },
  { name: 'network', about: 'API and worker cut off from PostgreSQL for 30 s, refused or without an answer', inject: cutNetwork },
  { name: 'flush', about: 'FLUSHALL on Redis', needs: 'redis', inject: flushRedis },
  { name: 'disk', about: "the database's disk full for 10 s", needs: 'disk', inject: fillDisk },
]
