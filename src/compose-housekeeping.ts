/** Puts the housekeeping together: what each feature clears away of its own. */

import { predictionRepositoryOf } from './compose-predictions.ts'
import { createDatasetRepository, type DatasetRepository } from './features/datasets/dataset.repository.ts'
import { sweepUnusedChunks } from './features/datasets/shared-chunk.repository.ts'
import {
  giveUpUploads,
  removeHiddenParts,
  removeUnusedDatasets,
  sweepUnusedDatasets,
} from './features/datasets/unused-datasets.repository.ts'
import { createHousekeepingRepository } from './features/housekeeping/housekeeping.repository.ts'
import { createHousekeepingService } from './features/housekeeping/housekeeping.service.ts'
import { createImportRepository, type ImportRepository } from './features/imports/import.repository.ts'
import { discardHiddenJobs } from './features/jobs/deleted-jobs.repository.ts'
import { createRetention } from './features/jobs/retention.repository.ts'
import { recountTenant } from './features/jobs/tenant-counts.repository.ts'
import { createUploadSessionRepository, type UploadSessionRepository } from './features/uploads/upload-session.repository.ts'
import { createDeliveryRepository } from './features/webhooks/delivery.repository.ts'
import type { Database } from './platform/db/database-client.ts'

type Collaborators = {
  database: Database
  datasets?: Pick<DatasetRepository, 'removeExpired'>
  uploadSessions?: Pick<UploadSessionRepository, 'removeExpired'>
  imports?: Pick<ImportRepository, 'removeOld'>
  /** Days that a job is kept after its end; for ever unless given. */
  retentionDays?: number
  onError?: (error: unknown) => void
}

/** The housekeeping of one process; it begins by itself. */
export const composeHousekeeping = ({
  database,
  datasets = createDatasetRepository(database),
  uploadSessions = createUploadSessionRepository(database),
  imports = createImportRepository(database),
  retentionDays,
  onError,
}: Collaborators) =>
  createHousekeepingService({
    housekeeping: createHousekeepingRepository({
      database,
      sweepDatasets: sweepUnusedDatasets,
      discardJobs: (client) => discardHiddenJobs(client, removeUnusedDatasets),
      retention: createRetention(database, removeUnusedDatasets, retentionDays),
      recountTenant,
      giveUpUploads,
      removeExpired: datasets.removeExpired,
      removeUploads: uploadSessions.removeExpired,
      removeImports: imports.removeOld,
      removeDeliveries: createDeliveryRepository(database).removeOld,
      removePredictions: predictionRepositoryOf(database).removeOld,
      removeParts: removeHiddenParts,
      sweepChunks: sweepUnusedChunks,
    }),
    onError,
  })
