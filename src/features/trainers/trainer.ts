/** A trainer as the features see it. */

import type { JobConfig, JobRequest } from '../../api/job-config.schema.ts'
import type { CreateTrainer, TrainerResource, TrainerStatus } from '../../api/trainer.schema.ts'
import type { EngineDescription } from '../../contracts/engine.ts'
import type { RowCounts } from '../../contracts/plan.ts'
import type { GivenShapes, SavedTrainer, TrainerError } from '../../contracts/trainer.ts'

type Shape = { name: string; shape: number[] }

/** A trainer's row, as far as it is shown. */
export type TrainerRow = {
  id: string
  status: TrainerStatus
  version: number
  lastSeq: number
  parameters: Shape[]
  datasetId: string | null
  given: GivenShapes | null
  seed: number
  engine: EngineDescription | null
  error: TrainerError | null
  idleSeconds: number
  metadata: Record<string, string | number>
  createdAt: Date
  usedAt: Date
}
export type ShownTrainer = TrainerRow & { checkpoints: { name: string; version: number; createdAt: Date }[] }

/** A trainer that is about to be stored. */
export type NewTrainer = {
  id: string
  tenant: string
  config: JobConfig
  asked: 'eager' | 'graph' | null
  /** Null if the client sends all examples itself, which then have these shapes. */
  datasetId: string | null
  given: GivenShapes | null
  rowCounts: RowCounts | null
  parameters: Shape[]
  idleSeconds: number
  metadata: Record<string, string | number>
  /** What it starts from, if not from its initializers. */
  start: SavedTrainer | null
}

/** A request as it is stored. */
export type StoredOperation = { hash: Uint8Array; response: string | null; failed: boolean }

export const toTrainerRow = ({ datasetId, given, createdAt, usedAt, ...row }: TrainerRow) => ({
  ...row,
  dataset: datasetId === null ? null : { id: datasetId },
  inputShape: given?.inputShape ?? null,
  labelShape: given?.labelShape ?? null,
  createdAt: createdAt.toISOString(),
  usedAt: usedAt.toISOString(),
})

export const toTrainerResource = ({ checkpoints, ...row }: ShownTrainer): TrainerResource => ({
  ...toTrainerRow(row),
  checkpoints: checkpoints.map((one) => ({ ...one, createdAt: one.createdAt.toISOString() })),
})

/** The job that a trainer is like: it is found right, or wrong, by the same rules. */
export const jobLike = ({ dataset, model, loss, optimizer, seed, shuffle, from, metadata }: CreateTrainer): JobRequest => ({
  // Without one it stands for nothing.
  dataset: dataset ?? { id: 'given' },
  model,
  loss,
  optimizer,
  // Mini-batches are the client's to choose: each pass is looked at by itself.
  training: { epochs: 1, batchSize: 2, shuffle, dropLast: true, validationSplit: 0, ...(seed === undefined ? {} : { seed }) },
  metrics: [],
  record: { gradients: 'none', weights: 'last' },
  metadata,
  priority: 0,
  device: 'any',
  ...(from ? { warmStart: from } : {}),
})
