/** The database as repositories see it: a Prisma client over one pool of connections. */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { type Prisma, PrismaClient } from '../../generated/prisma/client.ts'
import { createPool, type PoolLimits, patientLimits } from '../pool.ts'
import { withDirectStatements } from './direct-statements.ts'

/** What a repository may be given: the client itself, or the client inside a transaction. */
export type DatabaseClient = PrismaClient | Prisma.TransactionClient

export type DatabaseOptions = {
  /** Connections of this process. */
  poolSize?: number
  /** Shown by `pg_stat_activity`. */
  applicationName?: string
  /** How long a connection, a lock or an answer is waited for; patient unless given. */
  limits?: PoolLimits
  /** Told about idle connections that broke; the pool replaces them by itself. */
  onError?: (error: Error) => void
}

/** A statement with its values, past Prisma. */
type Direct = <Row extends object>(text: string, values: unknown[]) => Promise<Row[]>

/**
 * Opens a pool; nothing connects before the first query. Close it once all work is done.
 * @param url a `postgres://` URL
 */
export const createDatabase = (
  url: string,
  { poolSize = 10, applicationName = 'trainyard', limits = patientLimits, onError = () => {} }: DatabaseOptions = {},
) => {
  const pool = createPool({ url, size: poolSize, applicationName, limits, onError })
  const client = new PrismaClient({ adapter: new PrismaPg(pool, { onPoolError: onError }) })
  const prisma = withDirectStatements(client, pool)

  /** Runs `work` in one transaction: all of it is stored, or nothing. Waits for a connection as `limits` say, and gives `work` 30 s. */
  const transaction = <T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> =>
    client.$transaction(work, { maxWait: limits.waitMs + limits.connectMs, timeout: 30_000 })

  /** Wakes whoever watches this row, once the transaction that `client` belongs to has been committed. */
  const notify = async (client: DatabaseClient, channel: string, id: string): Promise<void> => {
    await client.$executeRaw`select pg_notify(${channel}, ${id})`
  }

  /** One statement past Prisma, for large bytes: the driver sends them as they are, while Prisma makes text of them first. */
  const direct: Direct = async <Row extends object>(text: string, values: unknown[]) => (await pool.query<Row>(text, values)).rows

  /** Such statements in one transaction: all of it is stored, or nothing if `work` throws. */
  const directTransaction = async <T>(work: (direct: Direct) => Promise<T>): Promise<T> => {
    const connection = await pool.connect()
    try {
      await connection.query('begin')
      const result = await work(
        async <Row extends object>(text: string, values: unknown[]) => (await connection.query<Row>(text, values)).rows,
      )
      await connection.query('commit')
      connection.release()
      return result
    } catch (error) {
      // One that cannot go back is of no more use.
      await connection.query('rollback').then(
        () => connection.release(),
        () => connection.release(true),
      )
      throw error
    }
  }

  /**
   * Opens the pool's first connection, and loads what makes statements of Prisma's operations: a tenth of a second that holds the event
   * loop, and 80 MiB. So the first request finds both.
   */
  const warmUp = async (): Promise<void> => {
    await Promise.all([pool.query('select'), client.$connect()])
  }

  /** Opens a connection of its own and closes it. @throws if the server takes no more, though those that stand may go on */
  const checkConnects = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: limits.connectMs,
    })
    client.on('error', () => {})
    try {
      await client.connect()
    } finally {
      client.end().catch(() => {})
    }
  }

  const close = async (): Promise<void> => {
    await client.$disconnect()
    await pool.end()
  }

  return { prisma, transaction, notify, direct, directTransaction, warmUp, checkConnects, close }
}

export type Database = ReturnType<typeof createDatabase>
