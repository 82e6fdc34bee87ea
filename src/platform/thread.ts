/** A thread beside the event loop for work that would hold it: it is asked, and answers. */
import { Worker } from 'node:worker_threads'

/** What a thread is told, and what it tells; an error crosses as its message. */
export type ThreadRequest<Request> = { id: number; request: Request }
export type ThreadAnswer<Answer> = { id: number; answer: Answer } | { id: number; error: string }

/**
 * A thread that starts with the first request and keeps no process alive. If it dies, what was asked of it fails and
 * the next request starts another.
 * @param timeoutMs how long an answer may take: if it takes longer, the thread is ended
 * @param data what the thread starts with, as its `workerData`
 * @param entry the module that it runs: `answerRequests` of thread-entry.ts with one function
 */
export const createThread = <Request, Answer>(
  entry: URL,
  { memoryMib = 1024, timeoutMs, data }: { memoryMib?: number; timeoutMs?: number; data?: unknown } = {},
) => {
  type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void; timer: NodeJS.Timeout | undefined }
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let asked = 0

  const fail = (error: Error): void => {
    worker = undefined
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    waiting.clear()
  }

  const start = (): Worker => {
    const started = new Worker(startable(entry), { workerData: data, resourceLimits: { maxOldGenerationSizeMb: memoryMib } })
    started.on('message', (told: ThreadAnswer<Answer>) => {
      const asker = waiting.get(told.id)
      waiting.delete(told.id)
      clearTimeout(asker?.timer)
      if (waiting.size === 0) started.unref()
      if ('error' in told) asker?.reject(new Error(told.error))
      else asker?.resolve(told.answer)
    })
    started.on('error', (error) => worker === started && fail(error))
    started.on('exit', (code) => worker === started && fail(new Error(`the thread ended with ${code}`)))
    return started
  }

  /** Asks, and waits for the answer; the buffers are given away. @throws if the thread fails */
  const ask = (request: Request, give: readonly ArrayBuffer[] = []): Promise<Answer> =>
    new Promise((resolve, reject) => {
      worker ??= start()
      worker.ref()
      const id = ++asked
      const late = (): void => end(new Error(`no answer within ${timeoutMs} ms`))
      waiting.set(id, { resolve, reject, timer: timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs) })
      worker.postMessage({ id, request } satisfies ThreadRequest<Request>, give)
    })

  /** Ends the thread and fails what was asked of it; the next request starts another. */
  const end = (error = new Error('the thread was ended')): void => {
    const ended = worker
    fail(error)
    void ended?.terminate()
  }

  return { ask, end }
}

export type Thread<Request, Answer> = ReturnType<typeof createThread<Request, Answer>>

/** Run from its sources, a process reads TypeScript by hooks that do not reach its threads: there they are set again. */
const startable = (entry: URL): URL => {
  if (!entry.pathname.endsWith('.ts')) return entry
  const steps = [`import { register } from '${import.meta.resolve('tsx/esm/api')}'`, 'register()', `await import('${entry.href}')`]
  return new URL(`data:text/javascript,${encodeURIComponent(steps.join('\n'))}`)
}
