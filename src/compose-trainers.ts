/** Puts the trainers' side of the API together. */
import { trainerLimits } from './api/trainer-limits.ts'
import { insertDescription } from './features/datasets/dataset.repository.ts'
import { removeUnusedDatasets } from './features/datasets/unused-datasets.repository.ts'
import { createSharedReads } from './features/jobs/shared-reads.ts'
import { createWorkerRepository } from './features/service-stats/worker.repository.ts'
import { createTrainerRepository } from './features/trainers/trainer.repository.ts'
import { createTrainerService, type TrainerCollaborators } from './features/trainers/trainer.service.ts'
import { createTrainerCheckpoints } from './features/trainers/trainer-checkpoint.repository.ts'
import { createTrainerPreparation, type TrainerPreparationCollaborators } from './features/trainers/trainer-preparation.ts'
import type { Database } from './platform/db/database-client.ts'

/** How long it stands what workers said of trainers, in milliseconds: it is asked for with every request. */
const freshMs = 1000

export const composeTrainers = ({
  database,
  preparation,
  jobs,
  datasets,
  ...collaborators
}: Omit<TrainerCollaborators, 'trainers' | 'preparation' | 'haveTrainers'> & {
  database: Database
} & Omit<TrainerPreparationCollaborators, 'checkpoints'>) => {
  const workers = createSharedReads(createWorkerRepository(database).haveTrainers, { freshMs, max: 1 })
  return createTrainerService({
    ...collaborators,
    haveTrainers: () => workers.get(undefined),
    preparation: createTrainerPreparation({ preparation, checkpoints: createTrainerCheckpoints(database), jobs, datasets }),
    trainers: createTrainerRepository(database, {
      insertDataset: insertDescription,
      removeUnused: removeUnusedDatasets,
      maxLive: trainerLimits.live,
    }),
  })
}
