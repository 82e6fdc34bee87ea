/** Predictions: what a job's newest weights give for rows that the client sends. */

import type { PredictBody, Predictions } from '../../api/prediction.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import type { ColumnLevels } from '../datasets/column-levels.ts'
import type { DatasetRepository } from '../datasets/dataset.repository.ts'
import type { JobRepository } from '../jobs/job.repository.ts'
import { namedLabels } from '../jobs/plan/classes.ts'
import { planStored } from '../jobs/plan/make-plan.ts'
import type { InferenceService } from './inference.service.ts'
import { modelColumnsOf } from './model-columns.ts'
import { outputWriter } from './prediction-output.ts'
import { readPredictionRows } from './prediction-rows.ts'

type Collaborators = {
  jobs: Pick<JobRepository, 'find'>
  datasets: Pick<DatasetRepository, 'describe'>
  /** All levels of a column of a dataset. */
  levelsOf: ColumnLevels
  inference: Pick<InferenceService, 'ask'>
}

export const createPredictionService = ({ jobs, datasets, levelsOf, inference }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED if rows don't fit the model, CONFLICT while it has no weights */
  const predict = async (tenant: string, jobId: string, body: PredictBody, signal?: AbortSignal): Promise<Predictions> => {
    const job = await jobs.find(tenant, jobId)
    const dataset = job && (await datasets.describe(tenant, job.datasetId))
    if (!job || !dataset) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (job.epoch === 0) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    const plan = planStored(job.config, dataset)
    const levels = (position: number) => levelsOf(dataset, position)
    const errors = createErrorList()
    const writer = outputWriter(plan, await namedLabels(plan, dataset, levels), body.output)
    if ('errors' in writer) errors.addAll(writer.errors)
    const features = readPredictionRows(body, await modelColumnsOf(plan, dataset, levels), errors)
    errors.throwIfAny()
    const response = await inference.ask('predict', { jobId, features }, signal)
    return 'value' in writer ? writer.value(response) : { ...response, output: 'raw' }
  }

  return { predict }
}

export type PredictionService = ReturnType<typeof createPredictionService>
