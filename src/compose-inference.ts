/** What the engine answers at once, put together: inference requests, predictions, and the models that they are made by. */
import { predictionRepositoryOf } from './compose-predictions.ts'
import { createColumnLevels } from './features/datasets/column-levels.ts'
import type { DatasetRepository } from './features/datasets/dataset.repository.ts'
import type { LevelRepository } from './features/datasets/level.repository.ts'
import type { NewId } from './features/ids.ts'
import { createInferenceRepository } from './features/inference/inference.repository.ts'
import { createInferenceService } from './features/inference/inference.service.ts'
import { createInferenceRequests } from './features/inference/inference-requests.ts'
import { createPredictionService } from './features/inference/prediction.service.ts'
import { createPredictionModels } from './features/inference/prediction-models.ts'
import type { JobRepository } from './features/jobs/job.repository.ts'
import { createModelAliasRepository } from './features/models/model-alias.repository.ts'
import { createModelAliasService } from './features/models/model-alias.service.ts'
import { createDatasetPredictionService } from './features/predictions/dataset-prediction.service.ts'
import type { Infrastructure } from './platform/infrastructure.ts'

type Parts = Pick<Infrastructure, 'database' | 'notifications'> & {
  jobs: JobRepository
  datasets: DatasetRepository
  levels: Pick<LevelRepository, 'read'>
  newId: NewId
  config: { maxStoredBytes?: number }
  timeoutMs?: number
}

export const composeInference = ({ database, notifications, jobs, datasets, levels, newId, config, timeoutMs }: Parts) => {
  const inference = createInferenceService({ requests: createInferenceRepository(database), notifications, newId, timeoutMs })
  const trained = createPredictionModels({ jobs, datasets, levelsOf: createColumnLevels(levels) })
  const predictions = createPredictionService({ models: trained, inference })
  const datasetPredictions = createDatasetPredictionService({
    predictions: predictionRepositoryOf(database, config.maxStoredBytes),
    models: trained,
    ...{ datasets, levels, notifications, newId },
  })
  const models = createModelAliasService({ aliases: createModelAliasRepository(database), predictions, datasetPredictions })
  return { inference, inferenceRequests: createInferenceRequests(), predictions, datasetPredictions, models }
}
