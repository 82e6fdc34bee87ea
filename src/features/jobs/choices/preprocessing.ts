/** How features and labels are prepared if the request did not say it. */
import type { StoredColumn } from '../../../api/column.schema.ts'
import { type Preprocessing, preprocessingOptions } from '../../../api/job-config/preprocessing.schema.ts'
import type { JobRequest } from '../../../api/job-config.schema.ts'
import { defaultsOf } from '../../../catalog/definition.ts'
import { type LossConfig, lossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss } from '../../../catalog/losses/loss.ts'
import { indicesOfInputs } from '../plan/index-inputs.ts'

/**
 * Features become numbers of about one size, and so do labels that are quantities; no cell stays missing, in training or in
 * a row to predict. For a model that reads indices nothing is scaled, and categories are their codes.
 */
export const choosePreprocessing = (
  { model }: JobRequest,
  { features, labels, loss }: { features: readonly StoredColumn[]; labels: readonly StoredColumn[]; loss: LossConfig },
): Preprocessing => {
  const readsIndices = model !== undefined && indicesOfInputs(model.layers) !== undefined
  const { unitPower }: Loss = lossCatalog[loss.type]
  return {
    ...(defaultsOf({ options: preprocessingOptions }) as Preprocessing),
    standardize: !readsIndices,
    standardizeLabels: unitPower !== undefined && labels.every(isQuantity),
    codes: readsIndices ? features.flatMap(({ name, type }) => (type === 'category' ? [name] : [])) : [],
    missing: { strategy: 'median', indicator: !readsIndices },
  }
}

/** Whether a column has a unit: older ones, which say no type, are numbers. */
const isQuantity = ({ type = 'number' }: StoredColumn): boolean => !['boolean', 'category', 'text'].includes(type)
