/** The calls between a worker and its training child: the engine contract, in steps large enough for a pipe. */

import type { JsonNumber } from '../../src/api/numbers.ts'
import type { SyntheticSpec } from '../../src/catalog/generators.ts'
import type { EngineDescription, EngineState, EpochReport, RecordedTensor } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { Recode } from '../dataset/recoded.ts'

/** Where a job's rows come from: made in the child, or sent to it as packed rows of `width` float32 columns, unless it has that dataset still. */
export type DataSource =
  | { kind: 'synthetic'; spec: SyntheticSpec }
  | { kind: 'upload'; datasetId: string; width: number; recodes?: Recode[] }

/** A tensor as it comes over the pipe: its values, or where they wait among the bytes of the records that are deferred in the child. */
export type SentTensor = Omit<RecordedTensor, 'values'> & { values: Float32Array | { at: number; length: number } | null }
export type SentEpoch = Omit<EpochReport, 'gradients' | 'weights'> & { gradients: SentTensor[]; weights: SentTensor[] }

/** A checkpoint whose values wait in the child, in the order of the layout. */
export type DeferredState = Omit<EngineState, 'tensors'> & { layout: { name: string; shape: number[]; norm?: JsonNumber }[]; bytes: number }

/** What one call of `advance` brought. Values are fetched with `readDeferred` before the next call, or not at all. */
export type Progress = {
  epochs: SentEpoch[]
  /** Bytes of the values of epochs that are deferred. */
  recordBytes: number
  /** Finished epochs, and finished steps of the epoch after them. */
  epoch: number
  step: number
  /** The checkpoint at this point, if it was asked for. */
  state: EngineState | DeferredState | null
  /** True when there is nothing left to train. */
  ended: boolean
}

/** How far `advance` goes. */
export type AdvanceRequest = {
  /** Milliseconds after which it returns at the next chance. */
  budgetMs: number
  /** Export a checkpoint: at an epoch's end (`epoch`), wherever it stops (`always`), or not at all. */
  state: 'never' | 'epoch' | 'always'
}

/** What opening a job tells. */
export type Opened = { engine: EngineDescription; warning: string | null }

export type TrainingMethods = {
  /** Trains a step by which a library that computes nonsense is known. Says what it was trained on. @throws ChildFailure */
  prove: { argument: null; value: Pick<EngineDescription, 'device' | 'version'> }
  /**
   * Names the job and makes room for its rows; a synthetic table is made at once. Says whether rows are to be sent. With `goOn`, a job whose rows
   * are there is opened and advanced with the same call, and one that is over with that is forgotten, too: then `rss` is there, as `close` would give it.
   */
  begin: {
    argument: { plan: Plan; source: DataSource; goOn?: { state: EngineState | null; advance: AdvanceRequest } }
    value: { wantsRows: boolean; opened?: Opened; progress?: Progress; rss?: number }
  }
  /** The same for the dataset that the rows held back are, after the rows of the first. */
  beginValidation: { argument: { source: DataSource }; value: { wantsRows: boolean } }
  /** Whole rows of the upload begun last, packed little-endian float32, in order. */
  rows: { argument: Uint8Array; value: null }
  /** Makes room for a checkpoint that comes in chunks, which `open` then takes. */
  beginRestore: { argument: { state: Omit<DeferredState, 'bytes'> }; value: null }
  /** Bytes of it, from a place on. */
  restore: { argument: { at: number; bytes: Uint8Array }; value: null }
  /** Opens the job on the engine, from a checkpoint if there is one: from that in the argument, or from the one restored. */
  open: { argument: { state: EngineState | null }; value: Opened }
  /** Trains for a while. */
  advance: { argument: AdvanceRequest; value: Progress }
  /** Where the run stands now. */
  exportState: { argument: null; value: EngineState | DeferredState }
  /** Bytes of the values that the last answer left deferred. */
  readDeferred: { argument: { run: 'state' | 'records'; at: number; length: number }; value: Uint8Array }
  /** Forgets the job. Gives the child's resident memory, in bytes. */
  close: { argument: null; value: { rss: number } }
}
