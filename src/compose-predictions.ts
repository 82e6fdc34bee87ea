/** Puts predictions for whole datasets together. */
import { insertDescription } from './features/datasets/dataset.repository.ts'
import { requireRoom } from './features/datasets/stored-quota.repository.ts'
import { removeUnusedDatasets } from './features/datasets/unused-datasets.repository.ts'
import { createDatasetPredictionRepository } from './features/predictions/dataset-prediction.repository.ts'
import type { Database } from './platform/db/database-client.ts'

/** @param maxStoredBytes of a tenant's datasets and predictions; any number unless given */
export const predictionRepositoryOf = (database: Database, maxStoredBytes?: number) =>
  createDatasetPredictionRepository(database, {
    insertDataset: insertDescription,
    removeUnused: removeUnusedDatasets,
    requireRoom,
    maxStoredBytes,
  })
