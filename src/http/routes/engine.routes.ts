/** Calls that the engine answers at once: losses, initializers, predictions. */
import { Type } from 'typebox'
import {
  EvaluateLossSchema,
  LossValueSchema,
  PredictionsSchema,
  PredictSchema,
  SampleInitializerSchema,
  SampleSchema,
} from '../../api/inference.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { InferenceService } from '../../features/inference/inference.service.ts'
import type { InferenceRequests } from '../../features/inference/inference-requests.ts'
import type { PredictionService } from '../../features/inference/prediction.service.ts'
import { requestSignal } from '../request-signal.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems } from '../schemas.ts'
import type { App } from '../types.ts'

const typeParams = (what: string, example: string) =>
  Type.Object({
    type: Type.String({ description: `Type of the ${what}, as in the catalog.`, examples: [example] }),
  })

type Collaborators = {
  inference: InferenceService
  requests: InferenceRequests
  predictions: PredictionService
  bodyLimit: number
  closing: AbortSignal
}

export const addEngineRoutes = (app: App, { inference, requests, predictions, bodyLimit, closing }: Collaborators): void => {
  app.post(
    '/losses/:type/evaluate',
    {
      bodyLimit,
      schema: {
        operationId: 'evaluateLoss',
        tags: ['engine'],
        summary: 'Evaluate a loss and its gradients',
        description: "Gradients are of the sum of the value. The class axis is PyTorch's, 1.",
        params: typeParams('loss', 'huber'),
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
    ({ params: { type }, body }, reply) => inference.ask('evaluate', requests.evaluate(type, body), requestSignal(reply, closing)),
  )

  app.post(
    '/initializers/:type/sample',
    {
      schema: {
        operationId: 'sampleInitializer',
        tags: ['engine'],
        summary: 'Draw one tensor from an initializer',
        params: typeParams('initializer', 'xavierUniform'),
        headers: idempotencyHeaders,
        body: ref(SampleInitializerSchema),
        response: answers({ 200: answer('The values and what they amount to.', ref(SampleSchema)) }, [
          'NOT_FOUND',
          'ENGINE_TIMEOUT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    async ({ params: { type }, body }, reply) => {
      const request = requests.sample(type, body)
      return { ...(await inference.ask('sample', request, requestSignal(reply, closing))), seed: request.seed }
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
        params: idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6'),
        headers: idempotencyHeaders,
        body: ref(PredictSchema),
        response: answers({ 200: answer('The predictions.', ref(PredictionsSchema)) }, [
          'NOT_FOUND',
          'CONFLICT',
          'ENGINE_TIMEOUT',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    ({ tenant, params: { id }, body }, reply) => predictions.predict(tenant, id, body, requestSignal(reply, closing)),
  )
}
