/** Someone who answers wake-ups: a BullMQ worker that is kept trying, pauses at once, and closes in bounded time. */
import type { WorkerOptions } from 'bullmq'
import { withTimeout } from '../with-timeout.ts'
import type { QueueBackend, WakeUpWorker } from './queue-backend.ts'

/** What a wake-up leads to. `signal` aborts when the listener closes. A handler may run for hours; what it throws is logged. */
export type WakeUpHandler = (id: string, signal: AbortSignal) => Promise<void>

export type Listener = {
  /** Takes no more wake-ups; running handlers go on. */
  pause: () => Promise<void>
  resume: () => Promise<void>
  /** Takes no more wake-ups, aborts the signal of running handlers and resolves when all of them are done. */
  close: () => Promise<void>
}

export type ListenerOptions = {
  backend: QueueBackend
  /** Name of the queue. */
  name: string
  /** Handlers that may run at a time. */
  concurrency: number
  handler: WakeUpHandler
  /** Leaves a wake-up to other listeners. */
  passOn: (id: string) => Promise<unknown>
  onError: (error: unknown) => void
}

/** Between two attempts to reach a server that went away. */
const retryMs = 1000

/** How long BullMQ may take to close once all handlers are done: without its server it would wait for ever. */
const closeMs = 1000

const workerOptions: Omit<WorkerOptions, 'connection' | 'concurrency'> = {
  // A wake-up whose worker died is sent again elsewhere after this time; a live worker renews its hold.
  lockDuration: 30_000,
  stalledInterval: 15_000,
  // After a lost connection BullMQ would sleep 15 s.
  runRetryDelay: retryMs,
  drainDelay: 5,
}

export const createListener = ({ backend, name, concurrency, handler, passOn, onError }: ListenerOptions): Listener => {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  let answering = true
  let ready = false
  let retry: NodeJS.Timeout | undefined

  const answer = async (id: string): Promise<void> => {
    // BullMQ's pause lets a wait that is under way take one more wake-up.
    const answered = answering ? handler(id, closing.signal) : passOn(id)
    running.add(answered)
    await answered.finally(() => running.delete(answered))
  }

  /** Runs once its server is there; if the first contact fails, another worker tries. */
  const start = (): WakeUpWorker => {
    const started = backend.createWorker(name, ({ data }) => answer(data.id), { ...workerOptions, concurrency })
    started
      .waitUntilReady()
      .then(() => {
        ready = true
        return answering ? started.run() : undefined
      })
      .catch((error) => {
        if (closing.signal.aborted) return
        onError(error)
        ready = false
        retry = setTimeout(() => {
          worker = start()
        }, retryMs)
        return started.close()
      })
      .catch(onError)
    return started
  }
  let worker = start()

  const pause = async (): Promise<void> => {
    answering = false
    if (ready) await worker.pause(true)
  }

  const resume = async (): Promise<void> => {
    answering = true
    if (ready) await worker.resume()
  }

  const close = async (): Promise<void> => {
    closing.abort()
    clearTimeout(retry)
    await pause()
    await Promise.allSettled(running)
    await withTimeout(closeMs, worker.close()).catch(onError)
  }

  return { pause, resume, close }
}
