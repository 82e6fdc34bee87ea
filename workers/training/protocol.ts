/** The calls between a worker and its training child: the engine contract, in steps large enough for a pipe. */
import type { SyntheticSpec } from '../../src/contracts/catalog/generators.ts'
import type { EngineDescription, EngineState, EpochReport } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'

/** Where a job's rows come from: made in the child, or sent to it as packed rows of `width` float32 columns. */
export type DataSource = { kind: 'synthetic'; spec: SyntheticSpec } | { kind: 'upload'; width: number }

/** What one call of `advance` brought. */
export type Progress = {
  epochs: EpochReport[]
  /** Finished epochs, and finished steps of the epoch after them. */
  epoch: number
  step: number
  /** The checkpoint at this point, where it was asked for. */
  state: EngineState | null
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

export type TrainingMethods = {
  /** Names the job and makes room for its rows; a synthetic table is made at once. */
  begin: { argument: { plan: Plan; source: DataSource }; value: null }
  /** The same for the dataset that the rows held back are, after the rows of the first. */
  beginValidation: { argument: { source: DataSource }; value: null }
  /** Whole rows of the upload begun last, packed little-endian float32, in order. */
  rows: { argument: Uint8Array; value: null }
  /** Opens the job on the engine, from a checkpoint where there is one. */
  open: { argument: { state: EngineState | null }; value: { engine: EngineDescription; warning: string | null } }
  /** Trains for a while. */
  advance: { argument: AdvanceRequest; value: Progress }
  /** Where the run stands now. */
  exportState: { argument: null; value: EngineState }
  /** Forgets the job. Gives the child's resident memory, in bytes. */
  close: { argument: null; value: { rss: number } }
}
