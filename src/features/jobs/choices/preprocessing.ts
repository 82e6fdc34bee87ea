/** How features and labels are prepared if the request did not say it. */
import { type Preprocessing, preprocessingOptions } from '../../../api/job-config/preprocessing.schema.ts'
import type { JobRequest } from '../../../api/job-config.schema.ts'
import { defaultsOf } from '../../../catalog/definition.ts'
import { indicesOfInputs } from '../plan/index-inputs.ts'

/** Everything becomes numbers of about one size; nothing is scaled for a model that reads indices. */
export const choosePreprocessing = ({ model }: JobRequest): Preprocessing => {
  const readsIndices = model !== undefined && indicesOfInputs(model.layers) !== undefined
  return { ...defaultsOf({ options: preprocessingOptions }), standardize: !readsIndices } as Preprocessing
}
