/** Connection pools that outlive their server's restarts. */
import pg from 'pg'

export type PoolOptions = {
  url: string
  /** Connections at most. */
  size: number
  /** Shown by `pg_stat_activity`. */
  applicationName: string
  /** PostgreSQL's command-line options for each connection, such as `-c search_path=x`. */
  options?: string
  /** Told about connections that broke; the pool replaces them by itself. */
  onError: (error: Error) => void
}

/** Opens a pool; nothing connects before the first query. */
export const createPool = ({ url, size, applicationName, options, onError }: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    application_name: applicationName,
    options,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  pool.on('error', onError)
  // The pool watches idle connections only: one that breaks while a library holds it would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}
