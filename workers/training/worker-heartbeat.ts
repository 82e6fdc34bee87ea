/** Says every few seconds that this worker lives and what memory it has: jobs that fit nowhere are refused before they are queued. */
import { randomUUID } from 'node:crypto'
import { totalmem } from 'node:os'
import type { WorkerReport, WorkerRepository } from '../../src/features/service-stats/worker.repository.ts'
import type { Log } from '../../src/platform/log.ts'

/** Bytes that this machine, or this container of it, has. */
export const availableMemory = (): number => {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

export type WorkerHeartbeatOptions = WorkerReport & { workers: WorkerRepository; log: Log; intervalMs?: number }

/** Speaks up at once; `close` takes leave. */
export const startWorkerHeartbeat = ({ workers, log, intervalMs = 5000, ...said }: WorkerHeartbeatOptions) => {
  const id = randomUUID()
  const warn = (error: unknown): void => log.warn({ err: error }, 'the worker could not say that it lives')
  let latest = Promise.resolve()
  const report = (): void => {
    latest = workers.report(id, said).catch(warn)
  }
  report()
  const timer = setInterval(report, intervalMs)

  const close = async (): Promise<void> => {
    clearInterval(timer)
    await latest
    await workers.leave(id).catch(warn)
  }
  return { close }
}
