/** What API and workers agree on about trainers: training that a client drives operation by operation. */
import type { DatasetChoice } from '../api/job-config/parts.schema.ts'
import type { NamedTensor } from './engine.ts'
import type { JobErrorCode } from './error-codes.ts'

/** The examples of a pass: a mini-batch of an epoch, rows of the dataset, or given ones, flat. */
export type BatchAddress =
  | { kind: 'slice'; size: number; epoch: number; index: number; rows: number }
  | { kind: 'rows'; positions: number[]; rows: number }
  | { kind: 'given'; features: number[][]; labels?: number[][]; rows: number }

/** Where a trainer stands, besides its tensors. */
export type TrainerStanding = {
  /** Updates of the parameters so far. */
  version: number
  /** Steps of its optimizer so far. */
  steps: number
  /** Passes in training mode since the last update. */
  passes: number
  /** The forwards among them that `backward` may go back through, oldest first. */
  remembered: { pass: number; batch: BatchAddress }[]
  /** The last mini-batch of an epoch that was named. */
  cursor: { size: number; epoch: number; index: number } | null
  hasGradients: boolean
}

/** All that a trainer needs to go on bit-identically; tensors as a checkpoint of a job names them. */
export type TrainerState = { standing: TrainerStanding; tensors: NamedTensor[] }

/** What `save` keeps. */
export type SavedTrainer = { steps: number; tensors: NamedTensor[] }

/** Examples that a client sends to a trainer without a dataset: shapes of one of them. */
export type GivenShapes = { inputShape: number[]; labelShape: number[] }

/** A dataset that an evaluation names. */
export type EvaluatedDataset = DatasetChoice

/** Why a trainer could not be opened. */
export type TrainerError = { code: JobErrorCode; message: string }

/** Where a trainer begins. */
export const firstStanding: TrainerStanding = {
  version: 0,
  steps: 0,
  passes: 0,
  remembered: [],
  cursor: null,
  hasGradients: false,
}
