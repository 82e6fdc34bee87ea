import { createPostgresBackend, runMigrations, withBackend } from 'bullmq'
import type pg from 'pg'
import type { WakeUpPayload } from '../../contracts/queue.ts'
import { createPool, patientLimits } from '../pool.ts'
import type { QueueBackend } from './queue-backend.ts'

/** BullMQ's tables lie in a schema of their own, beside ours in one database. */
const schema = 'bullmq'

/** Every listener holds one connection to be woken on; the rest serve queries. */
const poolSize = 8

const { Queue, Worker } = withBackend(createPostgresBackend)

/** BullMQ on PostgreSQL: brings its tables up to date under its own lock, then shares one pool between queues and workers. */
export const openPostgresQueue = async (url: string, onError: (error: Error) => void): Promise<QueueBackend> => {
  // BullMQ ignores its `schema` option with a pool that it was given: the search path selects it.
  const pool = createPool({
    url,
    size: poolSize,
    applicationName: 'trainyard-queue',
    options: `-c search_path=${schema}`,
    limits: patientLimits,
    onError,
  })
  await bringUpToDate(pool)

  return {
    kind: 'postgres',
    createQueue: (name) => {
      const queue = new Queue<WakeUpPayload>(name, { connection: pool })
      queue.on('error', onError)
      return queue
    },
    createWorker: (name, processor, options) => {
      const worker = new Worker<WakeUpPayload, void>(name, processor, { ...options, connection: pool, autorun: false })
      worker.on('error', onError)
      worker.on('failed', (_job, error) => onError(error))
      return worker
    },
    isReachable: () => true,
    close: () => pool.end(),
  }
}

const bringUpToDate = async (pool: pg.Pool): Promise<void> => {
  try {
    const client = await pool.connect()
    try {
      await runMigrations(client, schema)
    } finally {
      client.release()
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}
