/**
 * Brings values that are too large for a message from the child into the database, chunk by chunk, before the batch that refers
 * to them is written. Training waits meanwhile; heartbeats do not.
 */
import type { BlobRepository } from '../../src/features/jobs/blob.repository.ts'
import type { BlobSlice, Claim, KeptTensor, StoredCheckpoint } from '../../src/features/jobs/lease.ts'
import type { Child } from '../rpc/child-host.ts'
import type { JobWatch } from './job-watch.ts'
import type { KillTimer } from './kill-timer.ts'
import type { DeferredState, Progress, SentTensor, TrainingMethods } from './protocol.ts'
import type { KeptProgress } from './reporter.ts'

/** How long values are still brought in after the job was told to stop; without them its last checkpoint stands. */
const graceMs = { pause: 60_000, release: 4000, cancel: 0, timeout: 0, lost: 0 }

/** The job is to stop before all values are there. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

export type ValueTransferOptions = {
  blobs: BlobRepository
  claim: Claim
  child: Child<TrainingMethods>
  watch: JobWatch
  killTimer: KillTimer
  /** Hears how long a checkpoint took. */
  onWritten: (ms: number) => void
}

export const createValueTransfer = ({ blobs, claim, child, watch, killTimer, onWritten }: ValueTransferOptions) => {
  /** Bytes from the child for as long as the job may take them. */
  const reading = (run: 'state' | 'records') => {
    let stoppedAt: number | undefined
    return (at: number, length: number): Promise<Uint8Array> => {
      const stop = watch.stop()
      if (stop) {
        killTimer.end()
        stoppedAt ??= performance.now()
        if (performance.now() - stoppedAt >= graceMs[stop]) throw new Interrupted()
      }
      return child.call('readDeferred', { run, at, length })
    }
  }

  const bring = async (run: 'state' | 'records', bytes: number): Promise<string> => {
    const start = performance.now()
    const blobId = await blobs.write(claim, bytes, reading(run))
    if (run === 'state') onWritten(performance.now() - start)
    if (blobId) return blobId
    watch.observe(null)
    throw new Interrupted()
  }

  /** A state as the next batch may take it; null if the job stopped before its values were there. */
  const transferState = async <State extends object>(state: State | DeferredState): Promise<State | StoredCheckpoint | null> => {
    if (!('layout' in state)) return state
    return orNull(async () => ({ ...state, blobId: await bring('state', state.bytes) }))
  }

  /** What training brought as the next batch may take it; null if the job stopped before its values were there. */
  const transfer = async ({ recordBytes, ...progress }: Progress): Promise<KeptProgress | null> =>
    orNull(async () => {
      const blobId = recordBytes > 0 ? await bring('records', recordBytes) : ''
      const kept = ({ values, ...tensor }: SentTensor): KeptTensor => ({ ...tensor, values: values && placed(values, blobId) })
      const epochs = progress.epochs.map((report) => ({
        ...report,
        gradients: report.gradients.map(kept),
        weights: report.weights.map(kept),
      }))
      const state = progress.state && (await transferState(progress.state))
      if (progress.state && !state) throw new Interrupted()
      return { ...progress, epochs, state }
    })

  return { transfer, transferState }
}

export type ValueTransfer = ReturnType<typeof createValueTransfer>

const placed = (values: NonNullable<SentTensor['values']>, blobId: string): Float32Array | BlobSlice =>
  values instanceof Float32Array ? values : { blobId, ...values }

const orNull = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Interrupted) return null
    throw error
  }
}
