import type { JobsOptions, Processor, WorkerOptions } from 'bullmq'
import type { WakeUpPayload } from '../../contracts/queue.ts'

/** What wake-ups use of a BullMQ queue. */
export type WakeUpQueue = {
  add: (name: string, data: WakeUpPayload, options: JobsOptions) => Promise<unknown>
  addBulk: (jobs: { name: string; data: WakeUpPayload; opts: JobsOptions }[]) => Promise<unknown>
  getWaitingCount: () => Promise<number>
  close: () => Promise<void>
}

/** What wake-ups use of a BullMQ worker, which does nothing before `run`. */
export type WakeUpWorker = {
  /** Rejects if the first contact fails, after which a worker never recovers. */
  waitUntilReady: () => Promise<void>
  run: () => Promise<void>
  pause: (doNotWaitForActive: boolean) => Promise<void>
  resume: () => Promise<void>
  close: () => Promise<void>
}

/** Where wake-ups travel. Errors of connections and of handlers go to the `onError` that the backend was opened with. */
export type QueueBackend = {
  kind: 'redis' | 'postgres'
  /** For sending: fails soon if the server is away. */
  createQueue: (name: string) => WakeUpQueue
  /** For listening: waits for the server to come back. */
  createWorker: (
    name: string,
    processor: Processor<WakeUpPayload, void>,
    options: Omit<WorkerOptions, 'connection' | 'autorun'>,
  ) => WakeUpWorker
  /** False while the server is known to be away. */
  isReachable: () => boolean
  close: () => Promise<void>
}
