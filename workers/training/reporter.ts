/**
 * Writes what training brought, several epochs at a time: every write carries the checkpoint that its last epoch left,
 * so a job that is cut off goes on exactly where its rows end. Training goes on while a write is under way.
 */

import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../../src/api/event.schema.ts'
import { toJsonNumber } from '../../src/api/numbers.ts'
import type { EngineDescription } from '../../src/contracts/engine.ts'
import type { JobStatus } from '../../src/contracts/lifecycle.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { jsonNumbers } from '../../src/features/jobs/batch-encoding.ts'
import type { LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Batch, Claim, Closing, KeptEpoch } from '../../src/features/jobs/lease.ts'
import { endsInside, lastWeights, outdatedBy, type State, withoutEarlierBest } from './kept-weights.ts'
import type { AdvanceRequest } from './protocol.ts'
import { withRetries } from './retries.ts'
import { createThresholds } from './thresholds.ts'

/**
 * Least time between writes; between writes that only move the progress bar, which with a chunk of training after it is
 * less than a second; between the last checkpoint, or the end of an epoch if that is later, and a checkpoint inside a long epoch.
 */
const intervalMs = 100
const progressMs = 700
const checkpointMs = 30_000
/** A write that takes long, because tensors are large, may take this share of the time at most. */
const writingShare = 0.2
/** Values that wait to be written with the next batch at most, which is one statement. */
const maxPendingBytes = 8 * 2 ** 20

/** What training brought, its large values written already. */
export type KeptProgress = { epochs: KeptEpoch[]; epoch: number; step: number; state: State | null; ended: boolean }

export type ReporterOptions = {
  lease: LeaseRepository
  claim: Claim
  plan: Plan
  /** Hears that a write begins, and the status that it found: null if the lease is lost. */
  onWrite: () => void
  onStatus: (status: JobStatus | null) => void
  /** The clock, in milliseconds. */
  now?: () => number
}

/** The record of one claimed job. */
export const createReporter = ({ lease, claim, plan, onWrite, onStatus, now = () => performance.now() }: ReporterOptions) => {
  let epochs: KeptEpoch[] = []
  let pendingBytes = 0
  let events: NewEvent[] = []
  const thresholds = createThresholds(plan.config.on, claim.checkpoint?.training.toldThresholds)
  let engine: EngineDescription | null = null
  let state: State | null = null
  // The newest state that an epoch ended with: what a job that is stopped for good leaves as its weights.
  let epochEnd = claim.checkpoint?.step === 0 ? claim.checkpoint : null
  // Of which the weights are stored for being the best.
  let best = claim.checkpoint?.training.bestWeights?.bestEpoch
  let atUnsavedEnd = false
  let fraction = 0
  let lastWrite = now()
  // Writes with a checkpoint take as long as that is large; others are small, and wait for none of them.
  let lastState = lastWrite
  let lastEpochEnd = lastWrite
  let pauseMs = 0
  let statePauseMs = 0
  let stateWrittenMs = 0
  let writing: Promise<JobStatus | null> | undefined
  let isStateUnderWay = false
  let failure: unknown

  const write = async (batch: Batch): Promise<JobStatus | null> => {
    const before = now()
    onWrite()
    isStateUnderWay = batch.state !== null
    const committed = await withRetries(() => lease.commit(claim, batch))
    lastWrite = now()
    const pause = (spentMs: number): number => Math.max(intervalMs, spentMs * (1 / writingShare - 1))
    if (batch.state) {
      lastState = lastWrite
      statePauseMs = pause(lastWrite - before + stateWrittenMs)
      stateWrittenMs = 0
    } else pauseMs = pause(lastWrite - before)
    isStateUnderWay = false
    onStatus(committed?.status ?? null)
    return committed?.status ?? null
  }

  /** Takes what may be written: all, or only as far as the checkpoint reaches if the job may go on later. */
  const takeBatch = (closing: Closing | null): Batch => {
    const resumable = closing === null || closing.to === 'queued' || closing.to === 'paused'
    const upTo = resumable ? (state?.epoch ?? 0) : Number.POSITIVE_INFINITY
    const ready = withoutEarlierBest(
      plan,
      epochs.filter(({ epoch }) => epoch <= upTo),
    )
    best = ready.findLast(({ isBest }) => isBest)?.epoch ?? best
    const told = ready.flatMap((epoch) => [epochEvent(epoch), ...thresholds.tell(epoch)])
    const weights = endsInside(closing, state) ? lastWeights(plan, epochEnd, ready) : null
    const batch: Batch = {
      id: randomUUID(),
      epochs: ready,
      weights,
      outdated: outdatedBy(plan, { epochs: ready, weights }, best),
      state: state && withTold(state, thresholds.told()),
      fraction,
      engine,
      events: [...events, ...told],
      closing,
    }
    epochs = epochs.filter(({ epoch }) => epoch > upTo)
    pendingBytes = bytesOf(epochs)
    events = []
    engine = null
    state = null
    return batch
  }

  const isDue = (): boolean => {
    const latest = now()
    if (engine !== null || (pendingBytes > maxPendingBytes && state !== null)) return true
    const waited = latest - lastWrite
    return waited >= Math.max(progressMs, pauseMs) || (state !== null && waited >= intervalMs && latest - lastState >= statePauseMs)
  }

  /** What to ask the child for with its next call. */
  const wantedState = (): AdvanceRequest['state'] => {
    const latest = now()
    if (pendingBytes > maxPendingBytes) return 'epoch'
    // Of an epoch that takes long the end is kept in any case, and only such a one has checkpoints inside.
    const isLong = latest - lastEpochEnd >= checkpointMs
    // If they take long to write there is no use for a state before the next one.
    if (statePauseMs > intervalMs && (isStateUnderWay || latest - lastState < statePauseMs - intervalMs)) return isLong ? 'epoch' : 'never'
    return isLong && latest - lastState >= checkpointMs ? 'always' : 'epoch'
  }

  /** Waits for the write under way if the next batch should not be put off. @throws what an earlier write threw */
  const settle = async (isNeeded: boolean): Promise<void> => {
    if (isNeeded) await writing?.catch(() => {})
    if (failure) throw failure
  }

  const take = (progress: KeptProgress): void => {
    if (progress.epochs.length > 0) lastEpochEnd = now()
    epochs.push(...progress.epochs)
    pendingBytes += bytesOf(progress.epochs)
    state = progress.state ?? state
    if (progress.state?.step === 0) epochEnd = progress.state
    atUnsavedEnd = progress.step === 0 && (epochEnd?.epoch ?? 0) < progress.epoch
    fraction = (progress.epoch + progress.step / plan.stepsPerEpoch) / plan.config.training.epochs
  }

  /** Takes in progress, and writes in the background when it is time. @throws what an earlier write threw */
  const add = async (progress: KeptProgress): Promise<void> => {
    await settle(false)
    // What training brings while the database is slow must not pile up.
    await settle(pendingBytes > maxPendingBytes)
    take(progress)
    // Values that are stored already: others before they are referred to would be in vain.
    await settle(progress.state !== null && 'layout' in progress.state)
    if (progress.ended || writing || !isDue()) return
    writing = write(takeBatch(null))
    writing
      .catch((error: unknown) => {
        failure = error
      })
      .finally(() => {
        writing = undefined
      })
  }

  /** Writes what is left and lets go of the job. Gives the job's status then; null if the lease was lost before. */
  const close = async (closing: Closing): Promise<JobStatus | null> => {
    const earlier = await writing
    if (failure) throw failure
    if (earlier === null) return null
    if (closing.to === 'succeeded') fraction = 1
    return write(takeBatch(closing))
  }

  return {
    wantedState,
    add,
    close,
    /** True if the child stands at an epoch's end of which no checkpoint came. */
    isAtUnsavedEnd: (): boolean => atUnsavedEnd,
    /** A large checkpoint took so long to write before the batch that names it: it counts as a part of that. */
    addWriting: (ms: number): void => {
      stateWrittenMs += ms
    },
    /** A checkpoint from outside `add`. */
    addState: (latest: State): void => {
      state = latest
      if (latest.step === 0) epochEnd = latest
    },
    addEvent: (event: NewEvent): void => {
      events.push(event)
    },
    /** To be written with the next write, which is then due at once. */
    setEngine: (description: EngineDescription): void => {
      engine = description
    },
  }
}

export type Reporter = ReturnType<typeof createReporter>

/** What the epoch's row says of how good the model is. */
const epochEvent = ({ epoch, loss, validationLoss, metrics }: KeptEpoch): NewEvent => ({
  type: 'epoch',
  data: {
    epoch,
    loss: toJsonNumber(loss),
    ...(validationLoss === null ? {} : { validationLoss: toJsonNumber(validationLoss) }),
    ...(Object.keys(metrics).length === 0 ? {} : { metrics: jsonNumbers(metrics) }),
  },
})

/** What a job told of goes into the row with its checkpoint, so that whoever goes on from there tells of none again. */
const withTold = (state: State, toldThresholds: number[] | undefined): State =>
  toldThresholds ? { ...state, training: { ...state.training, toldThresholds } } : state

/** Bytes that go with the statement. */
const bytesOf = (epochs: readonly KeptEpoch[]): number => {
  const tensors = epochs.flatMap(({ gradients, weights }) => [...gradients, ...weights])
  return tensors.reduce((sum, { values }) => sum + (values instanceof Float32Array ? values.byteLength : 0), 0)
}
