import { Queue, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import type { BellPayload } from '../../contracts/queue.ts'
import type { QueueBackend } from './queue-backend.ts'

/**
 * BullMQ on Redis or Valkey through ioredis. The connection for ringing refuses commands while the server is away,
 * instead of piling them up; the one for listening waits.
 */
export const openRedisQueue = (url: string, onError: (error: Error) => void): QueueBackend => {
  const shared: RedisOptions = { retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2000), keepAlive: 10_000 }
  const clients: Redis[] = []
  const connect = (options: RedisOptions): Redis => {
    const client = new Redis(url, { ...shared, ...options })
    client.on('error', onError)
    clients.push(client)
    return client
  }
  const producer = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1000 })

  return {
    kind: 'redis',
    createQueue: (name) => {
      const queue = new Queue<BellPayload>(name, { connection: producer })
      queue.on('error', onError)
      return queue
    },
    createWorker: (name, processor, options) => {
      const worker = new Worker<BellPayload, void>(name, processor, { ...options, connection: connect({ maxRetriesPerRequest: null }) })
      worker.on('error', onError)
      worker.on('failed', (_job, error) => onError(error))
      return worker
    },
    isReachable: () => producer.status === 'ready',
    close: async () => {
      for (const client of clients) client.disconnect()
    },
  }
}
