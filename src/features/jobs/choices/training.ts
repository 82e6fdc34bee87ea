/** How a job passes over its rows, if its request left that open: how often, in what mini-batches, and which rows are held back. */

import { type Training, trainingOptions } from '../../../api/job-config/training.schema.ts'
import type { JobConfigRequest, JobRequest } from '../../../api/job-config.schema.ts'
import { defaultsOf } from '../../../catalog/definition.ts'
import { layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { shareHeldBack } from '../plan/rows.ts'
import { batchRows, epochsOf, fewestSplitRows, heldBackShare, patience } from './rules.ts'

/** The passes, and when they end early if their number was chosen. */
export const chooseTraining = (
  { training: given = {}, model, earlyStopping }: JobRequest,
  { rows, isClassified }: { rows: number; isClassified: boolean },
): Pick<JobConfigRequest, 'training' | 'earlyStopping'> => {
  if (given.epochs !== undefined) return { training: given as Training, earlyStopping }
  const validationSplit =
    given.validationSplit ?? (given.validationDataset || given.folds !== undefined || rows < fewestSplitRows ? 0 : heldBack(isClassified))
  const share = shareHeldBack({ validationSplit, folds: given.folds })
  const isWatched = share > 0 || given.validationDataset !== undefined
  const trained = Math.max(1, rows - Math.floor(rows * share))
  const batchSize = given.batchSize ?? batchRows(trained)
  // A last mini-batch that is too small for a layer would be refused.
  const dropLast = model?.layers.some((layer) => layerDefinition(layer).minRows) && batchSize <= trained
  const chosen = { epochs: epochsOf(trained, batchSize, isWatched), batchSize, validationSplit, ...(dropLast ? { dropLast } : {}) }
  return {
    training: { ...defaultsOf({ options: trainingOptions }), ...chosen, ...given } as Training,
    earlyStopping: earlyStopping ?? (isWatched ? { patience, minDelta: 0, restoreBest: true } : undefined),
  }
}

/** The same share of each class, or any rows. */
const heldBack = (isClassified: boolean): Training['validationSplit'] => ({
  fraction: heldBackShare,
  by: isClassified ? 'label' : 'random',
})
