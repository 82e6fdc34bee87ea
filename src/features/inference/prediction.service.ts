/** Predictions: what a job's newest weights give for rows that the client sends. */

import type { PredictBody } from '../../api/inference.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { PredictResponse } from '../../contracts/inference.ts'
import type { Plan } from '../../contracts/plan.ts'
import { must } from '../../numerics/must.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { Dataset } from '../datasets/dataset.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import { indicesOfInputs } from '../jobs/plan/index-inputs.ts'
import { planStored } from '../jobs/plan/make-plan.ts'
import type { InferenceService } from './inference.service.ts'
import { type ModelColumns, type ModelFeature, readPredictionRows } from './prediction-rows.ts'

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  inference: Pick<InferenceService, 'ask'>
}

export const createPredictionService = ({ jobs, datasets, inference }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED if rows don't fit the model, CONFLICT while it has no weights */
  const predict = async (tenant: string, jobId: string, body: PredictBody, signal?: AbortSignal): Promise<PredictResponse> => {
    const job = await jobs.find(tenant, jobId)
    const dataset = job && (await datasets.describe(tenant, job.datasetId))
    if (!job || !dataset) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (job.epoch === 0) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    const errors = createErrorList()
    const features = readPredictionRows(body, columnsOf(planStored(job.config, dataset), dataset), errors)
    errors.throwIfAny()
    return inference.ask('predict', { jobId, features }, signal)
  }

  return { predict }
}

export type PredictionService = ReturnType<typeof createPredictionService>

const columnsOf = ({ config, data }: Plan, { columns }: Dataset): ModelColumns => {
  const indices = indicesOfInputs(config.model.layers)
  const featureAt = (position: number, kind = 'keep'): ModelFeature => {
    const name = must(columns, position).name
    // What is transformed is no index any more, or always one.
    return indices === undefined || kind !== 'keep' ? { name } : { name, indices }
  }
  return {
    all: columns.map(({ name }) => name),
    groups: data.featureColumns.map((group, at) =>
      group.map((position, place) => featureAt(position, data.transforms?.[at]?.[place]?.kind)),
    ),
  }
}
