/** What the engine answers at once, put together: inference requests, predictions, and the models that they are made by. */
import type { ColumnLevels } from './features/datasets/column-levels.ts'
import type { DatasetRepository } from './features/datasets/dataset.repository.ts'
import type { NewId } from './features/ids.ts'
import { createInferenceRepository } from './features/inference/inference.repository.ts'
import { createInferenceService } from './features/inference/inference.service.ts'
import { createInferenceRequests } from './features/inference/inference-requests.ts'
import { createPredictionService } from './features/inference/prediction.service.ts'
import { createPredictionModels } from './features/inference/prediction-models.ts'
import type { JobRepository } from './features/jobs/job.repository.ts'
import { createModelAliasRepository } from './features/models/model-alias.repository.ts'
import { createModelAliasService } from './features/models/model-alias.service.ts'
import type { Infrastructure } from './platform/infrastructure.ts'

type Parts = Pick<Infrastructure, 'database' | 'notifications'> & {
  jobs: JobRepository
  datasets: DatasetRepository
  levelsOf: ColumnLevels
  newId: NewId
  timeoutMs?: number
}

export const composeInference = ({ database, notifications, jobs, datasets, levelsOf, newId, timeoutMs }: Parts) => {
  const inference = createInferenceService({ requests: createInferenceRepository(database), notifications, newId, timeoutMs })
  const predictions = createPredictionService({ models: createPredictionModels({ jobs, datasets, levelsOf }), inference })
  const models = createModelAliasService({ aliases: createModelAliasRepository(database), predictions })
  return { inference, inferenceRequests: createInferenceRequests(), predictions, models }
}
