/** Puts together what tells an MLflow server of jobs. */
import { randomUUID } from 'node:crypto'
import { createOutboxRepository } from './features/events/outbox.repository.ts'
import { readJobSnapshots } from './features/jobs/sql/find-snapshots.ts'
import { createMlflowExporter } from './features/mlflow/exporter.ts'
import { createMlflowRepository } from './features/mlflow/mlflow.repository.ts'
import { createModelWriter } from './features/mlflow/model-writer.ts'
import { createRunWriter } from './features/mlflow/run-writer.ts'
import type { WeightsService } from './features/weights/weights.service.ts'
import type { Database } from './platform/db/database-client.ts'
import { createMlflowClient, type MlflowSettings } from './platform/mlflow/mlflow-client.ts'

type Collaborators = {
  database: Database
  weights: Pick<WeightsService, 'write'>
  /** Undefined: nobody is told. */
  settings: MlflowSettings | undefined
  onError: (error: unknown) => void
}

export const composeMlflow = ({ database, weights, settings, onError }: Collaborators): { close: () => Promise<void> } => {
  if (!settings) return { close: async () => {} }
  const stored = createMlflowRepository(database, randomUUID())
  const mlflow = createMlflowClient(settings)
  const write = createRunWriter({
    mlflow,
    stored,
    readJobs: (ids) => readJobSnapshots(database.prisma, ids),
    models: createModelWriter({ mlflow, writeWeights: weights.write }),
  })
  return createMlflowExporter({ stored, outbox: createOutboxRepository(database), write, onError })
}
