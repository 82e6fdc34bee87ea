/**
 * Tells workers of the jobs that this process queues, in as few wake-ups as will do. A worker that heard one takes job after job
 * until none is left, so one that nobody has heard yet stands for every job that is queued after it.
 */
import { channels, queues } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { WakeUps } from '../../platform/queue/wake-ups.ts'

export type JobWakeUpsOptions = {
  notifications: Pick<Notifications, 'on'>
  wakeUps: Pick<WakeUps, 'notify' | 'waiting'>
  /** Told of each job that this process queues. */
  onQueued?: () => void
  /** The clock, in milliseconds. */
  now?: () => number
  /** While jobs wait, it is looked so often whether another worker may be idle. */
  followMs?: number
}

/** A job that waits longer is a matter for the workers' reconciler, which looks every second. */
const ownMs = 1000
/** Jobs of that time that are remembered. */
const maxRemembered = 1000

/** Wakes workers. Nobody waits for a wake-up: if it is lost, the reconciler sends another. */
export const createJobWakeUps = ({ notifications, wakeUps, onQueued, now = () => performance.now(), followMs = 50 }: JobWakeUpsOptions) => {
  /** When the jobs were queued that no worker has taken yet, the oldest first. */
  const queued = new Map<string, number>()
  let follow: NodeJS.Timeout | undefined

  // Whatever happens to a job first, it is no longer just queued.
  const unsubscribe = notifications.on(channels.job, (id) => {
    if (id === null) queued.clear()
    else queued.delete(id)
  })

  /** Whether jobs wait that were queued a moment ago. */
  const areWaiting = (): boolean => {
    for (const [id, at] of queued) {
      if (now() - at < ownMs && queued.size <= maxRemembered) return true
      queued.delete(id)
    }
    return false
  }

  const lookAgain = (): void => {
    follow ??= setTimeout(async () => {
      // A wake-up that waits has nobody to hear it: all are busy, and look for the next job themselves.
      const unheard = areWaiting() ? await wakeUps.waiting(queues.training) : 0
      const [id] = queued.keys()
      if (id !== undefined && unheard === 0) await wakeUps.notify(queues.training, id)
      follow = undefined
      if (areWaiting()) lookAgain()
    }, followMs)
  }

  /** Says that a job waits for a worker. */
  const notify = (id: string): void => {
    const isCovered = areWaiting()
    queued.set(id, now())
    if (!isCovered) void wakeUps.notify(queues.training, id)
    lookAgain()
    onQueued?.()
  }

  const close = (): void => {
    unsubscribe()
    queued.clear()
    clearTimeout(follow)
  }

  return { notify, close }
}

export type JobWakeUps = ReturnType<typeof createJobWakeUps>
