/** The embedded PostgreSQL of a running product, found as an operator would: by what DATA_DIR says about it. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'

/** The cluster's folder: in DATA_DIR, or where DATA_DIR/postgres.json says. */
const clusterOf = (dataDir: string): string => {
  const pointer = join(dataDir, 'postgres.json')
  return existsSync(pointer) ? resolve(dataDir, JSON.parse(readFileSync(pointer, 'utf8')).folder) : join(dataDir, 'postgres')
}

const pidFile = (dataDir: string): string[] => readFileSync(join(clusterOf(dataDir), 'data', 'postmaster.pid'), 'utf8').split('\n')

/** @throws where no server runs */
export const embeddedUrl = (dataDir: string): string => {
  const password = readFileSync(join(clusterOf(dataDir), 'password'), 'utf8').trim()
  return `postgres://trainyard:${password}@127.0.0.1:${Number(pidFile(dataDir)[3])}/postgres`
}

/** Process id of the server. @throws where no server runs */
export const postmasterPid = (dataDir: string): number => Number(pidFile(dataDir)[0])

/** A connection for as long as `work` lasts. */
export const withDatabase = async <T>(dataDir: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: embeddedUrl(dataDir), application_name: 'chaos', connectionTimeoutMillis: 3000 })
  // A server that dies meanwhile fails the query too: that one tells.
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
