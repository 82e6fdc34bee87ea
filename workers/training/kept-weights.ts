/** Which weights of a job go with a batch, and which of those that are stored go when it is written. */
import { fromJsonNumber } from '../../src/api/numbers.ts'
import type { EngineState } from '../../src/contracts/engine.ts'
import { staysForGood } from '../../src/contracts/kept-weights.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { isOfModel } from '../../src/features/jobs/checkpoint-encoding.ts'
import type { Batch, Closing, KeptEpoch, KeptTensor, StoredCheckpoint } from '../../src/features/jobs/lease.ts'
import { sizeOf } from '../../src/numerics/shape.ts'
import { normOf } from '../../src/numerics/statistics.ts'

/** A checkpoint that goes with the statement, or one that was written before. */
export type State = EngineState | StoredCheckpoint

/** Of the epochs of one batch that were the best in their turn only the last keeps its weights; the last epoch always does. */
export const withoutEarlierBest = ({ config: { record } }: Plan, epochs: KeptEpoch[]): KeptEpoch[] => {
  if (record.weights !== 'best') return epochs
  const best = epochs.findLast(({ isBest }) => isBest)
  return epochs.map((report) => (report === best || report.finished ? report : { ...report, weights: [] }))
}

/** Weights before the newest of the batch, but for the best and for those that stay. None if all stay, or if the batch has none. */
export const outdatedBy = (
  { config: { record } }: Plan,
  { epochs, weights }: Pick<Batch, 'epochs' | 'weights'>,
  best: number | undefined,
) => {
  if (record.weights === 'everyEpoch') return undefined
  const newest = weights?.epoch ?? epochs.findLast((report) => report.weights.length > 0)?.epoch
  if (newest === undefined) return undefined
  return { before: newest, best, every: typeof record.weights === 'object' ? record.weights.every : undefined }
}

/**
 * Whether this may be the last that is heard of the weights of the last finished epoch: the job ends, or its checkpoint
 * goes on to the middle of the next epoch. A checkpoint at an epoch's end has them itself, for whoever ends the job.
 */
export const endsInside = (closing: Closing | null, state: State | null): boolean =>
  closing?.to === 'cancelled' || closing?.to === 'failed' || (state !== null && state.step > 0)

/** Weights and running statistics of the last finished epoch, if they aren't kept anyway. */
export const lastWeights = (plan: Plan, end: State | null, epochs: KeptEpoch[]): Batch['weights'] => {
  if (!end || end.epoch === 0 || staysForGood(plan.config, end.epoch)) return null
  if (epochs.some(({ epoch, weights }) => epoch >= end.epoch && weights.length > 0)) return null
  const tensors = tensorsOf(end)
  return tensors && { epoch: end.epoch, tensors }
}

/** What a checkpoint knows of the model, as it is recorded; of one that was written before the values lie where they do. */
const tensorsOf = (state: State): KeptTensor[] | null => {
  if ('tensors' in state)
    return state.tensors.filter(({ name }) => isOfModel(name)).map((tensor) => ({ ...tensor, norm: normOf(tensor.values) }))
  const { blobId } = state
  // Older versions wrote no norms, and the values into the checkpoint's own row: the database itself keeps those.
  if (!blobId) return null
  let at = 0
  const all = state.layout.map(({ name, shape, norm }) => {
    const length = 4 * sizeOf(shape)
    at += length
    return { name, shape, norm: fromJsonNumber(norm ?? 'NaN'), values: { blobId, at: at - length, length } }
  })
  return all.filter(({ name }) => isOfModel(name))
}
