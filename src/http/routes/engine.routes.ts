/** Calls that the engine answers at once: losses, initializers, predictions. */
import { Type } from 'typebox'
import { EvaluateLossSchema, LossValueSchema, SampleInitializerSchema, SampleSchema } from '../../api/inference.schema.ts'
import { PredictSchema } from '../../api/prediction.schema.ts'
import { initializerCatalog } from '../../catalog/initializers.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import { ref } from '../../catalog/ref.ts'
import type { InferenceService } from '../../features/inference/inference.service.ts'
import type { InferenceRequests } from '../../features/inference/inference-requests.ts'
import type { PredictionService } from '../../features/inference/prediction.service.ts'
import type { DatasetPredictionService } from '../../features/predictions/dataset-prediction.service.ts'
import { predictionAnswers, predictionOutcome, sendAccepted } from '../prediction-answers.ts'
import { requestSignal } from '../request-signal.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems } from '../schemas.ts'
import type { App } from '../types.ts'

type Collaborators = {
  inference: InferenceService
  requests: InferenceRequests
  predictions: PredictionService
  datasetPredictions: DatasetPredictionService
  bodyLimit: number
  closing: AbortSignal
}

export const addEngineRoutes = (
  app: App,
  { inference, requests, predictions, datasetPredictions, bodyLimit, closing }: Collaborators,
): void => {
  app.post(
    '/losses/:type/evaluate',
    {
      bodyLimit,
      schema: {
        operationId: 'evaluateLoss',
        tags: ['engine'],
        summary: 'Evaluate a loss and its gradients',
        description: "Gradients are of the sum of the value. The class axis is PyTorch's, 1.",
        params: typeParams('loss', lossCatalog, 'huber'),
        headers: idempotencyHeaders,
        body: ref(EvaluateLossSchema),
        response: answers({ 200: answer('Value and gradients.', ref(LossValueSchema)) }, [
          'NOT_FOUND',
          'ENGINE_TIMEOUT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    ({ params: { type }, body }, reply) =>
      inference.ask('evaluate', requests.evaluate(type, body), { signal: requestSignal(reply, closing) }),
  )

  app.post(
    '/initializers/:type/sample',
    {
      schema: {
        operationId: 'sampleInitializer',
        tags: ['engine'],
        summary: 'Draw a tensor from an initializer',
        params: typeParams('initializer', initializerCatalog, 'xavierUniform'),
        headers: idempotencyHeaders,
        body: ref(SampleInitializerSchema),
        response: answers({ 200: answer('The values and their statistics.', ref(SampleSchema)) }, [
          'NOT_FOUND',
          'ENGINE_TIMEOUT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    async ({ params: { type }, body }, reply) => {
      const request = requests.sample(type, body)
      return { ...(await inference.ask('sample', request, { signal: requestSignal(reply, closing) })), seed: request.seed }
    },
  )

  app.post(
    '/jobs/:id/predictions',
    {
      bodyLimit,
      schema: {
        operationId: 'predict',
        tags: ['engine'],
        summary: "Predict with a job's newest weights and its own preprocessing",
        description:
          'Rows are answered at once. For all rows of a `dataset` the answer is a 202 with a prediction, once the job has ended: workers make it, and `GET /v1/predictions/{id}/rows` gives its rows.',
        params: idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'),
        headers: idempotencyHeaders,
        body: ref(PredictSchema),
        response: predictionAnswers,
      },
    },
    async (request, reply) => {
      const { tenant, params, body } = request
      const source = { jobId: params.id }
      if (!('dataset' in body)) return predictions.predict(tenant, source, body, requestSignal(reply, closing))
      return sendAccepted(reply, await datasetPredictions.create(tenant, source, body, request.onStored(predictionOutcome)))
    },
  )
}

/** A type of the catalog. Any other is a thing that is not there, so the list is for clients and does not validate. */
const typeParams = (what: string, catalog: Record<string, unknown>, example: string) =>
  Type.Object({
    type: Type.String({
      description: `Type of the ${what}, as in the catalog.`,
      examples: [example],
      published: { type: 'string', enum: Object.keys(catalog) },
    }),
  })
