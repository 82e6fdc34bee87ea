import type { JobsOptions, Processor, WorkerOptions } from 'bullmq'
import type { BellPayload } from '../../contracts/queue.ts'

/** What the bell uses of a BullMQ queue. */
export type BellQueue = {
  add: (name: string, data: BellPayload, options: JobsOptions) => Promise<unknown>
  getWaitingCount: () => Promise<number>
  close: () => Promise<void>
}

/** What the bell uses of a BullMQ worker, which does nothing before `run`. */
export type BellWorker = {
  /** Rejects where the first contact fails, after which a worker never recovers. */
  waitUntilReady: () => Promise<void>
  run: () => Promise<void>
  pause: (doNotWaitForActive: boolean) => Promise<void>
  resume: () => Promise<void>
  close: () => Promise<void>
}

/** Where bells hang. Errors of connections and of handlers go to the `onError` that the backend was opened with. */
export type QueueBackend = {
  kind: 'redis' | 'postgres'
  /** For ringing: fails soon where the server is away. */
  createQueue: (name: string) => BellQueue
  /** For listening: waits for the server to come back. */
  createWorker: (
    name: string,
    processor: Processor<BellPayload, void>,
    options: Omit<WorkerOptions, 'connection' | 'autorun'>,
  ) => BellWorker
  /** False while the server is known to be away. */
  isReachable: () => boolean
  close: () => Promise<void>
}
