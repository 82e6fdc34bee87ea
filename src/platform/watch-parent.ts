import { Worker } from 'node:worker_threads'

/** Looks once a second whether this process still has the parent it was started by; if not, ends it at once. */
const watch = `
  const { workerData: parent } = require('node:worker_threads')
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, 1000)
`

/**
 * Ends this process when its parent is gone, even if the main thread is deep in a computation and would not see the
 * pipe close: a thread of its own looks. Costs no time of the main thread.
 */
export const endWithParent = (): void => {
  new Worker(watch, { eval: true, execArgv: [], workerData: process.ppid }).unref()
}
