import { Queue, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import type { WakeUpPayload } from '../../contracts/queue.ts'
import type { QueueBackend } from './queue-backend.ts'

/**
 * BullMQ on Redis or Valkey through ioredis. The connection for sending refuses commands while the server is away,
 * instead of piling them up; the one for listening waits.
 */
export const openRedisQueue = (url: string, onError: (error: Error) => void): QueueBackend => {
  const shared: RedisOptions = { retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2000), keepAlive: 10_000 }
  const clients = new Set<Redis>()
  const keep = (client: Redis): Redis => {
    client.on('error', onError)
    clients.add(client)
    client.on('end', () => clients.delete(client))
    // A worker blocks on a copy of its own: that one must end with us too, also if BullMQ waits for its server.
    const duplicate = client.duplicate.bind(client)
    client.duplicate = (override) => keep(duplicate(override))
    return client
  }
  const connect = (options: RedisOptions): Redis => keep(new Redis(url, { ...shared, ...options }))
  const producer = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 1000 })

  return {
    kind: 'redis',
    createQueue: (name) => {
      const queue = new Queue<WakeUpPayload>(name, { connection: producer })
      queue.on('error', onError)
      return queue
    },
    createWorker: (name, processor, options) => {
      const connection = connect({ maxRetriesPerRequest: null })
      const worker = new Worker<WakeUpPayload, void>(name, processor, { ...options, connection, autorun: false })
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
