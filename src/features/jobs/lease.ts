/** What a worker and the job's row say to each other while the worker holds the job. */

import type { StoredColumn } from '../../api/column.schema.ts'
import type { NewEvent } from '../../api/event.schema.ts'
import type { JobConfig } from '../../api/job-config.schema.ts'
import type { JobResult } from '../../api/job-result.schema.ts'
import type { JsonNumber } from '../../api/numbers.ts'
import type { SyntheticSpec } from '../../catalog/generators.ts'
import type { EngineDescription, EngineState, EpochReport, RecordedTensor } from '../../contracts/engine.ts'
import type { JobErrorCode } from '../../contracts/error-codes.ts'
import type { RowCounts } from '../../contracts/plan.ts'

/** How long a claim stands without a heartbeat, by the database's clock. */
export const leaseSeconds = 4
export const heartbeatMs = 1000

/** The dataset of a claimed job as it is stored. */
export type ClaimedDataset = {
  id: string
  columns: StoredColumn[]
  rows: number
  inputShape: number[]
  levels?: ReadonlyMap<string, readonly string[]>
} & ({ kind: 'synthetic'; spec: SyntheticSpec } | { kind: 'upload'; spec: null })

/** A checkpoint whose values are too many to be held at once: they are read in chunks, in the order of the layout. */
export type StoredCheckpoint = Omit<EngineState, 'tensors'> & {
  /** Norms are known of the model's own tensors at the end of an epoch. */
  layout: { name: string; shape: number[]; norm?: JsonNumber }[]
  bytes: number
  /** Null if they lie in the checkpoint's own row, as earlier versions wrote them. */
  blobId: string | null
}

/** Values that were written before the row that refers to them: so many bytes of a blob. */
export type BlobSlice = { blobId: string; at: number; length: number }

/** A tensor as it is stored: its values go with the statement, or lie in a blob already. */
export type KeptTensor = Omit<RecordedTensor, 'values'> & { values: Float32Array | BlobSlice | null }
export type KeptEpoch = Omit<EpochReport, 'gradients' | 'weights'> & { gradients: KeptTensor[]; weights: KeptTensor[] }

/** A job that this worker holds. `token` must go with every write. */
export type Claim = {
  jobId: string
  tenant: string
  token: string
  /** The config with every default filled in. */
  config: JobConfig
  dataset: ClaimedDataset
  /** What the model is held against after each epoch, if that is a dataset of its own. */
  validationDataset: ClaimedDataset | null
  /** How its rows are used, if they had to be counted when it was planned. */
  rowCounts: RowCounts | null
  /** What trained the job so far; null at the first claim. */
  engine: EngineDescription | null
  /** Where to go on; null to start at the beginning. */
  checkpoint: EngineState | StoredCheckpoint | null
  epochs: number
  /** Training seconds of earlier claims. */
  seconds: number
}

/**
 * How a worker lets go of a job. The row decides what comes of it: a job that is being cancelled or paused is not
 * queued again, and one that was told to go on while it was pausing stays with its worker.
 */
export type Closing =
  | { to: 'succeeded'; result: JobResult }
  | { to: 'failed'; code: JobErrorCode; message: string }
  | { to: 'cancelled' }
  | { to: 'paused' }
  /** Hands the job back: to be claimed again at once, by anyone. */
  | { to: 'queued'; reason: string; crashed: boolean }

/** What one transaction writes. */
export type Batch = {
  /** A UUID of its own: a batch whose answer was lost is written once, however often it is sent. */
  id: string
  epochs: KeptEpoch[]
  /** Weights of a finished epoch that only they are kept of, and would be lost with the next checkpoint. */
  weights?: { epoch: number; tensors: KeptTensor[] } | null
  /** Weights of earlier epochs that go: but for those of one, and of epochs whose number `every` divides. Those before `weights` unless said. */
  outdated?: { before: number; best?: number; every?: number }
  /** The checkpoint after the last of them. */
  state: EngineState | StoredCheckpoint | null
  /** Finished share of all steps, 0 to 1. */
  fraction: number
  /** Set if the row's engine must be written. */
  engine: EngineDescription | null
  events: NewEvent[]
  closing: Closing | null
}
