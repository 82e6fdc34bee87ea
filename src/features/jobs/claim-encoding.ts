/** A claimed job as its row has it: what was stored, maybe by an older version, is read and named here once. */
import { Type } from 'typebox'
import type { JobConfig } from '../../api/job-config.schema.ts'
import type { EngineDescription } from '../../contracts/engine.ts'
import type { RowCounts } from '../../contracts/plan.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { createDecoder } from '../../validation/decode.ts'
import { decodeLayout, decodeState, decodeTraining, type StoredState } from './checkpoint-encoding.ts'
import type { Claim, ClaimedDataset } from './lease.ts'

/** The row of a claimed job with that of its checkpoint, whose columns are null if there is none. */
export type ClaimedRow = Pick<Claim, 'tenant' | 'token' | 'epochs' | 'seconds'> & {
  id: string
  config: unknown
  dataset: unknown
  validationDataset: unknown
  engine: unknown
  rowCounts: unknown
} & { [Column in keyof StoredState]: StoredState[Column] | null } & { bytes: number | null; blobId: string | null }

/** @throws Error naming what cannot be read */
export const decodeClaim = (row: ClaimedRow): Claim => ({
  jobId: row.id,
  tenant: row.tenant,
  token: row.token,
  config: decodeConfig(row.config),
  dataset: decodeDataset(row.dataset),
  validationDataset: row.validationDataset === null ? null : decodeDataset(row.validationDataset),
  rowCounts: row.rowCounts === null ? null : decodeRowCounts(row.rowCounts),
  engine: row.engine === null ? null : decodeEngine(row.engine),
  checkpoint: checkpointOf(row),
  epochs: row.epochs,
  seconds: row.seconds,
})

const typed = Type.Object({ type: Type.String() })

/** What every version stored of a config; its options were checked when it was, by the rules of that day. @throws Error naming what cannot be read */
export const decodeConfig = createDecoder<JobConfig>(
  'the config of the job',
  Type.Object({
    dataset: Type.Object({}),
    model: Type.Object({ layers: Type.Array(typed, { minItems: 1 }) }),
    loss: typed,
    optimizer: typed,
    training: Type.Object({ epochs: Type.Integer(), batchSize: Type.Integer(), seed: Type.Integer() }),
    record: Type.Object({}),
  }),
)

/** @throws Error naming what cannot be read */
export const decodeDataset = createDecoder<ClaimedDataset>(
  'the dataset of the job',
  Type.Intersect([
    Type.Object({
      id: Type.String(),
      rows: Type.Integer(),
      columns: Type.Array(Type.Object({ name: Type.String(), role: Type.Union([Type.String(), Type.Null()]) })),
      inputShape: Type.Array(Type.Integer()),
    }),
    Type.Union([
      Type.Object({ kind: Type.Literal('synthetic'), spec: Type.Object({ kind: Type.String() }) }),
      Type.Object({ kind: Type.Literal('upload'), spec: Type.Null() }),
    ]),
  ]),
)

const decodeRowCounts = createDecoder<RowCounts>(
  'the row counts of the job',
  Type.Object({ training: Type.Integer(), validation: Type.Integer(), dropped: Type.Integer() }),
)

const decodeEngine = createDecoder<EngineDescription>(
  'the engine of the job',
  Type.Object({ name: Type.String(), backend: Type.String(), device: Type.String(), version: Type.String() }),
)

const checkpointOf = ({ epoch, step, training, layout, values, bytes, blobId }: ClaimedRow): Claim['checkpoint'] => {
  if (epoch === null || step === null) return null
  if (values && !blobId) return decodeState({ epoch, step, training, layout, values })
  const tensors = decodeLayout(layout)
  const total = blobId ? 4 * tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0) : (bytes ?? 0)
  return { epoch, step, training: decodeTraining(training), layout: tensors, bytes: total, blobId }
}
