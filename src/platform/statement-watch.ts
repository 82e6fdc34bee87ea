/**
 * Ends connections that hang. A server that is stopped, a half-open connection or a lock that nobody gives back lets a
 * statement wait for ever, since TCP alone notices after minutes: here a connection whose server says nothing for too
 * long is broken, and its statement fails.
 */
import type { Socket } from 'node:net'
import type pg from 'pg'

/** A server that did not answer in time. The statement may have been done or not. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent'
}

/** Looks in which silence is measured: a process that was busy itself counts as one look, however long it was. */
const looks = 8
/** What is left to a statement whose wait for a connection used up the time. */
const minSilentMs = 500
/** A server reads and stores large values before it says anything: so much longer for each MiB. */
const msPerMiB = 250

type Query = (...args: unknown[]) => unknown
type Done = (...results: unknown[]) => void

/** Watches every statement of the pool's connections; `silentMs` is how long one may wait for a connection and its answer. */
export const watchStatements = (pool: pg.Pool, silentMs: number): void => {
  const waited = new WeakMap<pg.PoolClient, number>()
  noteWaits(pool, (client, ms) => waited.set(client, ms))

  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query
    const watched: Query = (...args) => {
      const limit = Math.max(minSilentMs, silentMs - (waited.get(client) ?? 0)) + (msPerMiB * sizeOf(args)) / 2 ** 20
      waited.delete(client)
      const done = watchSilence(socketOf(client), limit)
      const callback = args.at(-1)
      if (typeof callback === 'function')
        return query(...args.slice(0, -1), (...results: unknown[]) => {
          done()
          ;(callback as Done)(...results)
        })
      const answer = query(...args)
      Promise.resolve(answer).then(done, done)
      return answer
    }
    client.query = watched as typeof client.query
  })
  returnBroken(pool)
}

/** Tells how long each user of the pool waited for its connection, however it asked for it. */
const noteWaits = (pool: pg.Pool, note: (client: pg.PoolClient, ms: number) => void): void => {
  const connect = pool.connect.bind(pool)
  type Callback = Parameters<typeof connect>[0]
  const noted = (callback?: Callback): unknown => {
    const askedAt = performance.now()
    const arrived = (client: pg.PoolClient | undefined): void => {
      if (client) note(client, performance.now() - askedAt)
    }
    if (callback)
      return connect((error, client, release) => {
        arrived(client)
        callback(error, client, release)
      })
    return connect().then((client) => {
      arrived(client)
      return client
    })
  }
  pool.connect = noted as typeof pool.connect
}

/** A connection that broke in the middle of a transaction may never be given back: its place would be lost. */
const returnBroken = (pool: pg.Pool): void => {
  const lent = new Set<pg.PoolClient>()
  pool.on('acquire', (client) => lent.add(client))
  pool.on('release', (_error, client) => lent.delete(client))
  pool.on('connect', (client) =>
    client.on('end', () => {
      const giveBack = (): void => {
        if (!lent.has(client)) return
        client.release(true)
        client.release = () => {}
      }
      // Whoever holds it hears of the end first.
      setTimeout(giveBack, 1000).unref()
    }),
  )
}

/** Breaks the connection when nothing is heard for `limitMs`. Returns how to stop watching. */
const watchSilence = (socket: Socket | undefined, limitMs: number): (() => void) => {
  let heard = socket?.bytesRead
  let silent = 0
  const timer = setInterval(() => {
    silent = socket?.bytesRead === heard ? silent + 1 : 0
    heard = socket?.bytesRead
    if (silent >= looks) socket?.destroy(new DatabaseSilent(`the database said nothing for ${Math.round(limitMs)} ms`))
  }, limitMs / looks)
  return () => clearInterval(timer)
}

const socketOf = (client: pg.PoolClient): Socket | undefined => {
  const { connection } = client as pg.PoolClient & Pick<pg.Client, 'connection'>
  return connection?.stream as Socket | undefined
}

/** Bytes of a statement's parameters, about; they come with its text, or as an argument of their own. */
const sizeOf = ([config, given]: unknown[]): number => {
  const values = typeof config === 'object' && config !== null && 'values' in config ? config.values : given
  if (!Array.isArray(values)) return 0
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0), 0)
}
