/** How features and labels are prepared if the request did not say it. */
import type { JobConfigRequest, JobRequest } from '../../../api/job-config.schema.ts'
import { indicesOfInputs } from '../plan/index-inputs.ts'

type Preprocessing = NonNullable<JobConfigRequest['preprocessing']>

/** Everything becomes numbers of about one size; nothing is scaled for a model that reads indices. */
export const choosePreprocessing = ({ model }: JobRequest): Preprocessing => {
  const readsIndices = model !== undefined && indicesOfInputs(model.layers) !== undefined
  return { standardize: !readsIndices, oneHot: [] }
}
