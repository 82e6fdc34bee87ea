/** Predictions: what a job's weights give for rows that the client sends. */

import type { PredictBody, Predictions } from '../../api/prediction.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import type { InferenceService } from './inference.service.ts'
import type { PredictionModels } from './prediction-models.ts'
import { outputWriter } from './prediction-output.ts'
import { readPredictionRows } from './prediction-rows.ts'

type Collaborators = {
  models: PredictionModels
  inference: Pick<InferenceService, 'ask'>
}

export const createPredictionService = ({ models, inference }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED if rows don't fit the model, CONFLICT while it has no weights */
  const predict = async (tenant: string, jobId: string, body: PredictBody, signal?: AbortSignal): Promise<Predictions> => {
    const model = await models.get(tenant, jobId)
    if (!model) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (!model.isTrained) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    const errors = createErrorList()
    const writer = outputWriter(model.plan, model.labels, body.output)
    if ('errors' in writer) errors.addAll(writer.errors)
    const features = readPredictionRows(body, model.columns, errors)
    errors.throwIfAny()
    try {
      const response = await inference.ask('predict', { jobId, features }, { job: { tenant, jobId }, sameWorkerFor: jobId, signal })
      return 'value' in writer ? writer.value(response) : { ...response, output: 'raw' }
    } catch (error) {
      if (error instanceof Problem && error.code === 'NOT_FOUND') models.forget(tenant, jobId)
      throw error
    }
  }

  return { predict }
}

export type PredictionService = ReturnType<typeof createPredictionService>
