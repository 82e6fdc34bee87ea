/** Predictions: what a job's newest weights give for rows that the client sends. */
import type { PredictResponse } from '../../contracts/calls.ts'
import type { PredictBody } from '../../contracts/engine-calls.ts'
import { throwIfFaulty } from '../../contracts/faults.ts'
import { Problem } from '../../contracts/problems.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import { makePlan } from '../jobs/job.plan.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import type { CallService } from './call.service.ts'
import { readPredictionRows } from './prediction-rows.ts'

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  calls: Pick<CallService, 'ask'>
}

export const createPredictionService = ({ jobs, datasets, calls }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED where rows don't fit the model, CONFLICT while it has no weights */
  const predict = async (tenant: string, jobId: string, body: PredictBody, signal?: AbortSignal): Promise<PredictResponse> => {
    const job = await jobs.find(tenant, jobId)
    const dataset = job && (await datasets.describe(tenant, job.datasetId))
    if (!job || !dataset) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (job.epoch === 0) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    const made = makePlan(job.config, dataset)
    if ('faults' in made) throw new Error(`job ${jobId} cannot be planned any more: ${JSON.stringify(made.faults)}`)

    const name = (column: number): string => dataset.columns[column]?.name ?? ''
    const columns = {
      all: dataset.columns.map((column) => column.name),
      groups: made.plan.data.featureColumns.map((group) => group.map(name)),
    }
    const { features, faults } = readPredictionRows(body, columns)
    throwIfFaulty(faults)
    return calls.ask('predict', { jobId, features }, signal)
  }

  return { predict }
}

export type PredictionService = ReturnType<typeof createPredictionService>
