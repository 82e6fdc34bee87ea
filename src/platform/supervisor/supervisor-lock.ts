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

export type SupervisorLock = { release: () => Promise<void> }

/** The first half of the lock's key: `SUPV` in ASCII. The second is a hash of the scope. */
const lockClass = 0x53555056

/** A supervisor that was killed a moment ago still seems to be there. */
const attempts = 20
const pauseMs = 100

/** Takes the lock, or returns undefined where another supervisor has it. Taken again after a lost connection. */
export const takeSupervisorLock = async ({ url, scope, onLost }: SupervisorLockOptions): Promise<SupervisorLock | undefined> => {
  let released = false

  const take = async (): Promise<pg.Client | undefined> => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const client = await tryTake(url, scope)
      if (client) {
        client.on('end', () => void takeAgain())
        return client
      }
      await sleep(pauseMs)
    }
    return undefined
  }

  /** The server may be on its way back: waits for it, since only a held lock says that another supervisor runs. */
  const takeAgain = async (): Promise<void> => {
    while (!released) {
      try {
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
      await holder?.end().catch(() => {})
    },
  }
}

const tryTake = async (url: string, scope: string): Promise<pg.Client | undefined> => {
  const client = new pg.Client({ connectionString: url, application_name: 'trainyard-supervisor', keepAlive: true })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as taken', [lockClass, scope])
  if (rows[0]?.taken) return client
  await client.end()
  return undefined
}
