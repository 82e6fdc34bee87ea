/** Keeps the lease of a claimed job, and hears that it is to stop: cancelled, paused, out of time, handed back or lost. */
import type { JobStatus } from '../../src/contracts/lifecycle.ts'
import { channels, jobSteps } from '../../src/contracts/queue.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import { type Claim, heartbeatMs } from '../../src/features/jobs/lease.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'

/** Why a job stops before it is done. `lost`: someone else may hold it by now, so nothing may be written. */
export type Stop = 'cancel' | 'pause' | 'release' | 'timeout' | 'lost'

/** What the row, the clock and the worker ask for together; the strongest wish counts. */
export const decideStop = (wishes: { status: JobStatus | null; timedOut: boolean; released: boolean }): Stop | null => {
  if (wishes.status === null) return 'lost'
  if (wishes.status === 'cancelling') return 'cancel'
  if (wishes.timedOut) return 'timeout'
  if (wishes.status === 'pausing') return 'pause'
  return wishes.released ? 'release' : null
}

export type JobWatchOptions = {
  lease: LeaseRepository
  notifications: Notifications
  claim: Claim
  /** Aborts when the worker closes and hands its jobs back. */
  signal: AbortSignal
  /** Time left to this job; undefined: no limit. */
  timeoutMs: number | undefined
  /** Called when the wish changes. */
  onChange: (stop: Stop | null) => void
  onError: (error: unknown) => void
}

/** When it is asked for the first time whether something happened before anybody listened. A short job is done by then. */
const firstHeartbeatMs = 250

/** Heartbeats on their way at a time. */
const maxHeartbeats = 3

/** Watches until closed. */
export const watchJob = ({ lease, notifications, claim, signal, timeoutMs, onChange, onError }: JobWatchOptions) => {
  const wishes: Parameters<typeof decideStop>[0] = { status: 'running', timedOut: false, released: signal.aborted }
  let stop = decideStop(wishes)
  let ownWrites = 0
  let closed = false
  let beating = 0
  let beatAgain = false
  // Heartbeats and writes are numbered in the order in which they begin.
  let lastAsked = 0
  let lastTaken = 0
  let lastWrite = 0

  const update = (change: Partial<typeof wishes>): void => {
    // A lost lease never comes back; and an answer that comes after the end concerns nobody.
    if (closed || stop === 'lost') return
    Object.assign(wishes, change)
    const next = decideStop(wishes)
    if (next === stop) return
    stop = next
    onChange(stop)
  }

  /** Takes in what the `number`th of them found. Answers may overtake each other, and cancelling is never taken back. */
  const take = (number: number, status: JobStatus | null): void => {
    const isOld = number < lastTaken
    lastTaken = Math.max(lastTaken, number)
    if ((status === 'running' || status === 'pausing') && (isOld || wishes.status === 'cancelling')) return
    update({ status })
  }

  /** Takes in what a write found: the status, or null if the lease is lost. */
  const observe = (status: JobStatus | null): void => take(lastWrite, status)

  const beat = async (): Promise<void> => {
    const number = ++lastAsked
    beating += 1
    try {
      take(number, await lease.heartbeat(claim))
    } catch (error) {
      onError(error)
    } finally {
      beating -= 1
    }
    if (beatAgain && !closed) await beatSoon()
  }

  /** What changes while a heartbeat is under way, the next one finds. */
  const beatSoon = async (): Promise<void> => {
    beatAgain = beating > 0
    if (!beatAgain) await beat()
  }

  /** One whose connection hangs must not cost the lease, nor many of them all connections. */
  const beatInTime = (): void => {
    if (beating < maxHeartbeats) void beat()
  }
  const timer = setInterval(beatInTime, heartbeatMs)
  const first = setTimeout(() => void beatSoon(), firstHeartbeatMs)
  const unsubscribe = notifications.on(channels.job, (id, step) => {
    if (id === null) ownWrites = 0
    // The claim itself is heard too, and nothing comes of it.
    if (id !== null && (id !== claim.jobId || step === jobSteps.started)) return
    if (ownWrites > 0) ownWrites -= 1
    else void beatSoon()
  })
  // setTimeout takes at most 2^31 - 1 ms, about 24 days.
  const deadline = timeoutMs === undefined ? undefined : setTimeout(() => update({ timedOut: true }), Math.min(timeoutMs, 2 ** 31 - 1))
  const release = (): void => update({ released: true })
  signal.addEventListener('abort', release)

  /** A write of our own is about to wake us: its answer says all that a heartbeat would. */
  const expectOwnWrite = (): void => {
    ownWrites += 1
    lastWrite = ++lastAsked
  }

  const close = (): void => {
    closed = true
    clearInterval(timer)
    clearTimeout(deadline)
    clearTimeout(first)
    unsubscribe()
    signal.removeEventListener('abort', release)
  }

  return { stop: (): Stop | null => stop, observe, expectOwnWrite, close }
}

export type JobWatch = ReturnType<typeof watchJob>
