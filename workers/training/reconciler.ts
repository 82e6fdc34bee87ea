/** Sets right what a death or a lost bell left behind: every worker does so, every second. */
import { queues } from '../../src/contracts/queue.ts'
import type { RecoveryRepository } from '../../src/features/jobs/recovery.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import type { Bell } from '../../src/platform/queue/bell.ts'

export type ReconcilerOptions = {
  recovery: RecoveryRepository
  bell: Pick<Bell, 'ring' | 'waiting'>
  gpu: boolean
  log: Log
  intervalMs?: number
}

/** Most bells rung at once; the next round rings the rest. */
const mostBells = 100

/** Frees jobs of workers that are gone, and rings for runnable jobs without a bell. Starts at once; `close` waits for the running round. */
export const startReconciler = ({ recovery, bell, gpu, log, intervalMs = 1000 }: ReconcilerOptions) => {
  const round = async (): Promise<void> => {
    for (const job of await recovery.freeAbandoned()) log.warn({ job: job.id, status: job.status }, 'freed a job whose worker is gone')
    const runnable = await recovery.runnable({ gpu, limit: mostBells })
    if (runnable.length === 0) return
    const waiting = await bell.waiting(queues.training)
    for (const id of runnable.slice(waiting)) await bell.ring(queues.training, id)
  }

  let running = Promise.resolve()
  let busy = false
  const tick = (): void => {
    if (busy) return
    busy = true
    running = round()
      .catch((error: unknown) => log.warn({ err: error }, 'reconciling failed'))
      .finally(() => {
        busy = false
      })
  }
  tick()
  const timer = setInterval(tick, intervalMs)

  const close = async (): Promise<void> => {
    clearInterval(timer)
    await running
  }
  return { close }
}
