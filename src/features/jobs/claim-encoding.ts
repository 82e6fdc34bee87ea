/** A claim as the database gives it. */

import type { EngineDescription } from '../../contracts/engine.ts'
import { sizeOf } from '../../numerics/shape.ts'
import { decodeState, type StoredState } from './batch-encoding.ts'
import type { Claim, StoredCheckpoint } from './lease.ts'

/** The row of a claimed job with that of its checkpoint, whose columns are null if there is none. */
export type ClaimedRow = Omit<Claim, 'checkpoint' | 'jobId' | 'engine'> & {
  id: string
  engine: EngineDescription | null
} & { [Column in keyof StoredState]: StoredState[Column] | null } & { bytes: number | null; blobId: string | null }

export const decodeClaim = (row: ClaimedRow): Claim => {
  const { id, tenant, token, config, dataset, validationDataset, engine, epochs, seconds } = row
  return { jobId: id, tenant, token, config, dataset, validationDataset, engine, checkpoint: checkpointOf(row), epochs, seconds }
}

const checkpointOf = ({ epoch, step, memo, layout, values, bytes, blobId }: ClaimedRow): Claim['checkpoint'] => {
  if (epoch === null || step === null) return null
  if (values && !blobId) return decodeState({ epoch, step, memo, layout, values })
  const tensors = layout as StoredCheckpoint['layout']
  const total = blobId ? 4 * tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0) : (bytes ?? 0)
  return { epoch, step, memo: memo as Record<string, unknown>, layout: tensors, bytes: total, blobId }
}
