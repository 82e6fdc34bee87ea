/** Puts the trainers' side of the API together. */
import { trainerLimits } from './api/trainer-limits.ts'
import { insertDescription } from './features/datasets/dataset.repository.ts'
import { removeUnusedDatasets } from './features/datasets/unused-datasets.repository.ts'
import { createTrainerRepository } from './features/trainers/trainer.repository.ts'
import { createTrainerService, type TrainerCollaborators } from './features/trainers/trainer.service.ts'
import { createTrainerPreparation, type TrainerPreparationCollaborators } from './features/trainers/trainer-preparation.ts'
import type { Database } from './platform/db/database-client.ts'

export const composeTrainers = ({
  database,
  preparation,
  checkpoints,
  ...collaborators
}: Omit<TrainerCollaborators, 'trainers' | 'preparation'> & {
  database: Database
} & TrainerPreparationCollaborators) =>
  createTrainerService({
    ...collaborators,
    preparation: createTrainerPreparation({ preparation, checkpoints }),
    trainers: createTrainerRepository(database, {
      insertDataset: insertDescription,
      removeUnused: removeUnusedDatasets,
      maxLive: trainerLimits.live,
    }),
  })
