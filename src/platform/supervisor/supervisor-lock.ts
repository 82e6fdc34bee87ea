/** One supervisor per DATA_DIR: a lock in the database that ends with its holder's connection, so that a killed holder leaves none behind. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type SupervisorLockOptions = {
  url: string
  /** What is locked; supervisors with other scopes don't meet. */
  scope: string
  /** The lock was lost, and someone else has it now. */
  onLost: () => void
}

/** The connection that holds the lock, as the server knows it. */
type Held = { client: pg.Client; pid: number; since: string }

export type SupervisorLock = { release: () => Promise<void> }

/** The first half of the lock's key: `SUPV` in ASCII. The second is a hash of the scope. */
const lockClass = 0x53555056

/** A supervisor that was killed a moment ago still seems to be there. */
const attempts = 20
const pauseMs = 100

/** Takes the lock, or returns undefined if another supervisor has it. Taken again after a lost connection. */
export const takeSupervisorLock = async ({ url, scope, onLost }: SupervisorLockOptions): Promise<SupervisorLock | undefined> => {
  let released = false

  const take = async (): Promise<Held | undefined> => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const taken = await tryTake(url, scope)
      if (taken) {
        taken.client.on('end', () => void takeAgain(taken))
        return taken
      }
      await sleep(pauseMs)
    }
    return undefined
  }

  /**
   * The server may be on its way back: waits for it, since only a held lock says that another supervisor runs. If only the
   * network broke, the server may still hold the lock for the connection that is lost.
   */
  const takeAgain = async (lost: Held): Promise<void> => {
    while (!released) {
      try {
        await endConnection(url, lost)
        holder = await take()
        if (!holder && !released) onLost()
        return
      } catch {
        await sleep(pauseMs)
      }
    }
  }

  let holder = await take()
  if (!holder) return undefined
  return {
    release: async () => {
      released = true
      await holder?.client.end().catch(() => {})
    },
  }
}

const applicationName = 'trainyard-supervisor'

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

const endConnection = async (url: string, { pid, since }: Held): Promise<void> => {
  const client = await connect(url)
  try {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start = $2 and application_name = $3`,
      [pid, since, applicationName],
    )
  } finally {
    await client.end()
  }
}

const tryTake = async (url: string, scope: string): Promise<Held | undefined> => {
  const client = await connect(url)
  const { rows } = await client.query<{ taken: boolean; pid: number; since: string }>(
    `select pg_try_advisory_lock($1, hashtext($2)) as taken, pid, backend_start::text as since
    from pg_stat_activity where pid = pg_backend_pid()`,
    [lockClass, scope],
  )
  const [row] = rows
  if (row?.taken) return { client, pid: row.pid, since: row.since }
  await client.end()
  return undefined
}
