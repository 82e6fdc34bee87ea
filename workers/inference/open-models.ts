/** Models that an inference child keeps for the next request, the longest unused going first. */
import { createBoundedCache } from '../../src/features/bounded-cache.ts'
import type { Tf } from '../engine/step/tape.ts'
import { disposeModel, type OpenModel, openModel } from './predict.ts'
import type { Trained } from './protocol.ts'

/** Bytes of weights that are kept together; a larger model is read for each request. */
const maxBytes = 256 * 2 ** 20
/** What a model takes besides its weights: plan and bookkeeping. */
const bytesBesides = 64 * 1024

export const createOpenModels = (tf: Tf) => {
  const models = createBoundedCache<OpenModel>({ maxSize: maxBytes, onRemoved: (model) => disposeModel(tf, model) })

  /** Uses the model of that name, which comes along unless it is kept here; undefined if it is not and did not. */
  const use = <T>(name: string, trained: Trained | undefined, work: (model: OpenModel) => T): T | undefined => {
    const kept = models.get(name)
    if (kept) return work(kept)
    if (!trained) return undefined
    const model = openModel(tf, trained)
    if (models.set(name, model, model.bytes + bytesBesides)) return work(model)
    try {
      return work(model)
    } finally {
      disposeModel(tf, model)
    }
  }

  return { use }
}
