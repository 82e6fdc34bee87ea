/** Connection pools that outlive their server's restarts, and in which no statement waits for ever. */
import pg from 'pg'
import { createStatementNames } from './statement-names.ts'
import { watchStatements } from './statement-watch.ts'

/** How long things may take before they fail, in milliseconds. */
export type PoolLimits = {
  /** Waiting for a connection of the pool to be free. */
  waitMs: number
  /** Opening a new one. */
  connectMs: number
  /** A statement whose server says nothing; large parameters get more time. A wait for a connection counts too. */
  silentMs: number
  /** Waiting for somebody else's lock; unset: as long as the server says. */
  lockMs?: number
  /** A transaction between two statements, after which the server gives its locks back: the client may be gone. */
  idleInTransactionMs?: number
}

/** For whoever has a client waiting: an answer, or a failure, within three seconds. */
export const promptLimits: PoolLimits = { waitMs: 1750, connectMs: 1000, silentMs: 2500, lockMs: 2000, idleInTransactionMs: 30_000 }

/** For work in the background, which would rather wait: locks are waited for, and a connection that hangs is noticed in the end. */
export const patientLimits: PoolLimits = { waitMs: 10_000, connectMs: 10_000, silentMs: 30_000 }

export type PoolOptions = {
  url: string
  /** Connections at most. */
  size: number
  /** Shown by `pg_stat_activity`. */
  applicationName: string
  /** PostgreSQL's command-line options for each connection, such as `-c search_path=x`. */
  options?: string
  /** Unset: statements are not watched. */
  limits?: PoolLimits
  /** Told about connections that broke; the pool replaces them by itself. */
  onError: (error: Error) => void
}

/** A plan that is kept must not read a whole table because that was small when it was made. Times come as Prisma reads them. */
const settings = '-c random_page_cost=1.1 -c TimeZone=UTC'

/** Opens a pool; nothing connects before the first query. Statements that come again are prepared once for each connection. */
export const createPool = ({ url, size, applicationName, options, limits, onError }: PoolOptions): pg.Pool => {
  const { waitMs, connectMs, lockMs, idleInTransactionMs } = limits ?? patientLimits
  const { named } = createStatementNames()
  /** The pool's own limit is of the wait, which it would grant again to the connection that it then opens. */
  class Client extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: connectMs })
      const query = this.query.bind(this) as (...args: unknown[]) => unknown
      this.query = ((...args: unknown[]) => query(...named(args))) as typeof this.query
    }
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    application_name: applicationName,
    options: [settings, options].filter(Boolean).join(' '),
    connectionTimeoutMillis: waitMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    Client,
  })
  pool.on('error', onError)
  // The pool watches idle connections only: one that breaks while a library holds it would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  if (limits) watchStatements(pool, limits.silentMs)
  return pool
}
