/** Predictions: what a job's weights give for rows that the client sends. */

import type { PredictBody, Predictions } from '../../api/prediction.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { PredictRequest } from '../../contracts/inference.ts'
import { createErrorList } from '../../validation/validation-errors.ts'
import { createMissingMarkers } from '../datasets/table/missing.ts'
import type { InferenceService } from './inference.service.ts'
import { readPredictionLabels } from './prediction-labels.ts'
import type { PredictionModel, PredictionModels } from './prediction-models.ts'
import { type OutputWriter, outputWriter } from './prediction-output.ts'
import { readPredictionRows } from './prediction-rows.ts'

type Collaborators = {
  models: PredictionModels
  inference: Pick<InferenceService, 'ask'>
}

/** Whose weights: those of an epoch, or the newest. */
export type PredictionSource = { jobId: string; epoch?: number | null }

export const createPredictionService = ({ models, inference }: Collaborators) => {
  /** @throws Problem VALIDATION_FAILED if rows don't fit the model, CONFLICT while it has no weights */
  const predict = async (tenant: string, source: PredictionSource, body: PredictBody, signal?: AbortSignal): Promise<Predictions> => {
    const { jobId } = source
    const { request, write } = readBody(source, body, await modelOf(tenant, jobId))
    try {
      const { metrics, ...response } = await inference.ask('predict', request, { job: { tenant, jobId }, sameWorkerFor: jobId, signal })
      return { ...write(response), ...(metrics ? { metrics } : {}) }
    } catch (error) {
      if (error instanceof Problem && error.code === 'NOT_FOUND') models.forget(tenant, jobId)
      throw error
    }
  }

  const modelOf = async (tenant: string, jobId: string): Promise<PredictionModel> => {
    const model = await models.get(tenant, jobId)
    if (!model) throw new Problem('NOT_FOUND', `There is no job ${jobId}`)
    if (!model.isTrained) throw new Problem('CONFLICT', `Job ${jobId} has no weights yet`)
    return model
  }

  return { predict }
}

export type PredictionService = ReturnType<typeof createPredictionService>

/** What a worker is asked, and how its answer is told. @throws Problem VALIDATION_FAILED with every validation error */
const readBody = (
  { jobId, epoch }: PredictionSource,
  body: PredictBody,
  { plan, columns, labels, dataset }: PredictionModel,
): { request: PredictRequest; write: OutputWriter } => {
  const errors = createErrorList()
  const writer = outputWriter(plan, labels, body.output)
  if ('errors' in writer) errors.addAll(writer.errors)
  const features = readPredictionRows(body, columns, errors)
  const markers = createMissingMarkers(dataset.missing ?? undefined)
  const targets = body.labels && readPredictionLabels(body.labels, features[0]?.length ?? 0, { plan, labels, markers }, errors)
  errors.throwIfAny()
  const request = { jobId, ...(typeof epoch === 'number' ? { epoch } : {}), features, ...(targets ? { labels: targets } : {}) }
  return { request, write: 'value' in writer ? writer.value : (response) => ({ ...response, output: 'raw' }) }
}
