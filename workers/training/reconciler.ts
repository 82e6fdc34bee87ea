/** Sets right what a death or a lost wake-up left behind: every worker does so, every second. */
import { queues } from '../../src/contracts/queue.ts'
import type { RecoveryRepository } from '../../src/features/jobs/recovery.repository.ts'
import type { Log } from '../../src/platform/log.ts'
import type { WakeUps } from '../../src/platform/queue/wake-ups.ts'

export type ReconcilerOptions = {
  recovery: RecoveryRepository
  wakeUps: Pick<WakeUps, 'notify' | 'waiting'>
  gpu: boolean
  log: Log
  /** Starts at most so many of the jobs that wait, on what is idle here. Gives how many it started. */
  startIdle?: (jobs: number) => number
  /** Answers inference requests that nobody was told of. */
  answerRequests?: () => Promise<void>
  intervalMs?: number
}

/** Most wake-ups sent at once; the next round sends the rest. */
const maxWakeUps = 100

/** Most sets of values deleted at once; each may be gigabytes. */
const maxBlobs = 1

/** Workers that started together don't ask together: a round comes up to so much sooner or later, as a share of the interval. */
const jitter = 0.2

/**
 * Frees jobs of workers that are gone, starts what waits if something is idle, and sends wake-ups for the rest. None of it needs the
 * queue: if that is away, an idle worker finds its work in the database. Starts at once; `close` waits for the running round.
 */
export const startReconciler = ({
  recovery,
  wakeUps,
  gpu,
  log,
  startIdle = () => 0,
  answerRequests = async () => {},
  intervalMs = 1000,
}: ReconcilerOptions) => {
  const round = async (): Promise<void> => {
    for (const job of await recovery.freeAbandoned()) log.warn({ jobId: job.id, status: job.status }, 'freed a job whose worker is gone')
    await answerRequests()
    await recovery.sweepBlobs(maxBlobs)
    const runnable = await recovery.runnable({ gpu, limit: maxWakeUps })
    const others = runnable.slice(startIdle(runnable.length))
    if (others.length === 0) return
    const waiting = await wakeUps.waiting(queues.training)
    // If one cannot be sent, the queue is away.
    for (const id of others.slice(waiting)) if (!(await wakeUps.notify(queues.training, id))) return
  }

  let timer: NodeJS.Timeout | undefined
  let closed = false
  const tick = async (): Promise<void> => {
    await round().catch((error: unknown) => log.warn({ err: error }, 'reconciling failed'))
    if (closed) return
    timer = setTimeout(
      () => {
        running = tick()
      },
      intervalMs * (1 + jitter * (2 * Math.random() - 1)),
    )
  }
  let running = tick()

  const close = async (): Promise<void> => {
    closed = true
    clearTimeout(timer)
    await running
  }
  return { close }
}
