/** The housekeeping over a database of a test's own, composed as the product composes it. */
import { createDatasetRepository } from '../../src/features/datasets/dataset.repository.ts'
import { sweepUnusedChunks } from '../../src/features/datasets/shared-chunk.repository.ts'
import {
  giveUpUploads,
  removeHiddenParts,
  removeUnusedDatasets,
  sweepUnusedDatasets,
} from '../../src/features/datasets/unused-datasets.repository.ts'
import { createHousekeepingRepository } from '../../src/features/housekeeping/housekeeping.repository.ts'
import { createHousekeepingService } from '../../src/features/housekeeping/housekeeping.service.ts'
import { createImportRepository } from '../../src/features/imports/import.repository.ts'
import { discardHiddenJobs } from '../../src/features/jobs/deleted-jobs.repository.ts'
import { createUploadSessionRepository } from '../../src/features/uploads/upload-session.repository.ts'
import type { Database } from '../../src/platform/db/database-client.ts'

export const openHousekeeping = (database: Database) =>
  createHousekeepingService({
    housekeeping: createHousekeepingRepository({
      database,
      sweepDatasets: sweepUnusedDatasets,
      discardJobs: (client) => discardHiddenJobs(client, removeUnusedDatasets),
      giveUpUploads,
      removeExpired: createDatasetRepository(database).removeExpired,
      removeUploads: createUploadSessionRepository(database).removeExpired,
      removeImports: createImportRepository(database).removeOld,
      removeParts: removeHiddenParts,
      sweepChunks: sweepUnusedChunks,
    }),
  })
