import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Looks once a second whether this process still has the parent it was started by; if not, ends it at once. */
const watch = `
  const { parentPort, workerData: parent } = require('node:worker_threads')
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, 1000)
  parentPort.postMessage('watching')
`

/**
 * Ends this process when its parent is gone, even if the main thread is deep in a computation and would not see the
 * pipe close: a thread of its own looks. Costs no time of the main thread. Resolves once the thread has begun to look.
 */
export const endWithParent = async (): Promise<void> => {
  const worker = new Worker(watch, { eval: true, execArgv: [], workerData: process.ppid })
  await once(worker, 'message')
  worker.unref()
}
