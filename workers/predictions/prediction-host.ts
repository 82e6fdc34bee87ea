/**
 * Makes predictions for whole datasets, one at a time, in a child that is there as long as it is needed. What a death takes is done again from
 * the last chunk: each is one write, guarded by the claim.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { channels } from '../../src/contracts/queue.ts'
import type { PredictionClaim, PredictionWorkRepository } from '../../src/features/predictions/prediction-work.repository.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'
import type { Log } from '../../src/platform/log.ts'
import { type Child, ChildFailure, ChildGone } from '../rpc/child-host.ts'
import { saysOutOfMemory } from '../training/out-of-memory.ts'
import { type PredictionParts, runPrediction } from './prediction-run.ts'
import type { PredictionMethods } from './protocol.ts'

/** How often it looks for what no wake-up told of. */
const tickMs = 1000
/** How often a claim is renewed. */
const renewMs = 1500
/** Claims without a chunk after which it fails. */
const maxAttempts = 3
/** How long a child stays that has nothing to do, and what it may hold for that, in bytes. */
const idleMs = 30_000
const keptBelowBytes = 2 ** 30
/** How long the chunk under way may take when the worker closes. */
const closeMs = 2000

export type PredictionHostOptions = PredictionParts & {
  work: PredictionWorkRepository
  start: () => Child<PredictionMethods>
  notifications: Pick<Notifications, 'on'>
  log: Log
}

export const startPredictionHost = ({ start, notifications, log, ...parts }: PredictionHostOptions) => {
  const { work } = parts
  const closing = new AbortController()
  let child: Child<PredictionMethods> | undefined
  let idleSince = 0
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const loaded = async (): Promise<Child<PredictionMethods>> => {
    if (!child || child.isGone()) child = start()
    await child.ready()
    return child
  }

  const endChild = async (): Promise<void> => {
    const ended = child
    child = undefined
    await ended?.kill()
  }

  /** Works on a claimed prediction until it ends or is let go of. */
  const serve = async (claim: PredictionClaim): Promise<void> => {
    if (claim.attempts > maxAttempts) return work.fail(claim, died)
    // A child that hangs or is slow is still this worker's; one of a prediction that is deleted has no use.
    const renewing = setInterval(() => {
      work.renew(claim).then(
        (isHeld) => (isHeld ? undefined : endChild()),
        () => {},
      )
    }, renewMs)
    try {
      const end = await runPrediction(parts, claim, await loaded(), closing.signal)
      log.info({ predictionId: claim.id, end }, 'predicting for a dataset')
      if (end === 'turn') await work.release(claim, { isCrash: false })
      if (child && !child.isGone() && (await child.call('close', null)).rss > keptBelowBytes) await endChild()
    } catch (error) {
      await onFailure(claim, error)
    } finally {
      clearInterval(renewing)
      idleSince = performance.now()
    }
  }

  const onFailure = async (claim: PredictionClaim, error: unknown): Promise<void> => {
    if (closing.signal.aborted) return work.release(claim, { isCrash: false })
    log.warn({ err: error, predictionId: claim.id }, 'a prediction for a dataset was broken off')
    const isForMemory =
      (error instanceof ChildFailure && saysOutOfMemory(error.message)) || (error instanceof ChildGone && saysOutOfMemory(error.lastWords))
    if (isForMemory) {
      await endChild()
      return work.fail(claim, { code: 'OUT_OF_MEMORY', message: 'The model needs more memory for some rows than the worker has.' })
    }
    if (error instanceof ChildFailure && error.code === 'LABEL_OUT_OF_RANGE')
      return work.fail(claim, { code: error.code, message: error.message })
    // What the database or a process did may pass; what fails every time ends it.
    if (claim.attempts < maxAttempts) return work.release(claim, { isCrash: true })
    await work.fail(claim, error instanceof ChildGone ? died : { code: 'INTERNAL', message: 'The rows could not be predicted for.' })
  }

  const serveAll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const claim = await work.claim()
      if (!claim) return
      await serve(claim)
    }
  }

  const wake = (): void => {
    if (closing.signal.aborted) return
    working ??= serveAll()
      .catch((error: unknown) => log.warn({ err: error }, 'predictions for datasets could not be looked after'))
      .finally(() => {
        working = undefined
      })
  }

  const tick = (): void => {
    timer = setTimeout(() => {
      wake()
      if (!working && child && performance.now() - idleSince > idleMs) void endChild()
      if (!closing.signal.aborted) tick()
    }, tickMs)
  }
  tick()
  const unlisten = notifications.on(channels.predictionWork, wake)

  /** Lets go of what is under way, so that others go on with it at once. */
  const close = async (): Promise<void> => {
    closing.abort()
    unlisten()
    clearTimeout(timer)
    await Promise.race([working, sleep(closeMs, undefined, { ref: false })])
    await endChild()
    await working
  }

  return { close, pids: (): number[] => (child?.pid && !child.isGone() ? [child.pid] : []) }
}

const died = { code: 'WORKER_CRASHED', message: 'The process that predicts died again and again without a further row.' } as const
