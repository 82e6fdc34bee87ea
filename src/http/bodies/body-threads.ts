/** Threads that read large JSON bodies, one body each at a time. They start when one is needed, and end when none has been for a while. */
import { availableParallelism } from 'node:os'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Problem } from '../../contracts/error-codes.ts'
import type { BodyOutcome, BodyTask } from './body-outcome.ts'

const ending = extname(import.meta.filename)
const entry = JSON.stringify(pathToFileURL(join(import.meta.dirname, `body.worker${ending}`)))
/** Run from its sources, a process reads TypeScript with tsx, which does not reach its threads by itself. */
const source = ending === '.ts' ? `import('tsx/esm/api').then(({ register }) => (register(), import(${entry})))` : `import(${entry})`
/** Heap of a thread, in MiB: what a body of the largest size needs, unless it consists of nothing but brackets. */
const heapMiB = 2048
/** How long a thread without work is kept; one that read much is let go at once, since its heap does not shrink by itself. */
const idleMs = 10_000
const largeTask = 16 * 1024 * 1024

type Waiting = { task: BodyTask; resolve: (outcome: BodyOutcome) => void; reject: (error: Error) => void }

export const createBodyThreads = (max = Math.max(1, Math.floor(availableParallelism() / 4))) => {
  const queue: Waiting[] = []
  const idle: { worker: Worker; timer: NodeJS.Timeout }[] = []
  const all = new Set<Worker>()
  let busy = 0

  const next = (): void => {
    if (busy >= max) return
    const waiting = queue.shift()
    if (!waiting) return
    busy++
    const rested = idle.pop()
    clearTimeout(rested?.timer)
    void work(rested?.worker ?? start(), waiting)
  }

  const start = (): Worker => {
    const worker = new Worker(source, { eval: true, resourceLimits: { maxOldGenerationSizeMb: heapMiB } })
    all.add(worker)
    // Also of one that has nothing to do: without a listener an error ends the process.
    worker.on('error', () => {})
    worker.once('exit', () => all.delete(worker))
    return worker
  }

  const work = async (worker: Worker, { task, resolve, reject }: Waiting): Promise<void> => {
    const bytes = task.pieces.reduce((sum, piece) => sum + piece.length, 0)
    worker.ref()
    try {
      resolve(await outcomeOf(worker, task))
      if (bytes >= largeTask) void worker.terminate()
      else rest(worker)
    } catch (error) {
      void worker.terminate()
      reject(error as Error)
    } finally {
      busy--
      next()
    }
  }

  const rest = (worker: Worker): void => {
    worker.unref()
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((one) => one.worker === worker),
        1,
      )
      void worker.terminate()
    }, idleMs)
    idle.push({ worker, timer: timer.unref() })
  }

  /** Reads a body; its pieces are gone from here afterwards. */
  const read = (task: BodyTask): Promise<BodyOutcome> =>
    new Promise((resolve, reject) => {
      queue.push({ task, resolve, reject })
      next()
    })

  const close = async (): Promise<void> => {
    await Promise.all([...all].map((worker) => worker.terminate()))
  }

  return { read, close }
}

export type BodyThreads = ReturnType<typeof createBodyThreads>

const outcomeOf = (worker: Worker, task: BodyTask): Promise<BodyOutcome> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error & { code?: string }): void => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error)
    const ended = (): void => reject(new Error('the thread that read a body ended'))
    worker.once('error', failed)
    worker.once('exit', ended)
    worker.once('message', (outcome: BodyOutcome) => {
      worker.off('error', failed)
      worker.off('exit', ended)
      resolve(outcome)
    })
    worker.postMessage(
      task,
      task.pieces.map(({ buffer }) => buffer as ArrayBuffer),
    )
  })

const tooMuch = (): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [
    { path: '/body', code: 'too_large', message: 'holds more arrays and objects than can be read at once' },
  ])
