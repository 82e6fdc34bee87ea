/** Answers to requests for predictions: those of rows at once, that for a dataset as something that workers make. */
import type { FastifyReply } from 'fastify'
import { type DatasetPredictionResource, DatasetPredictionSchema, datasetPredictionLimits } from '../api/dataset-prediction.schema.ts'
import { PredictionsSchema } from '../api/prediction.schema.ts'
import { ref } from '../catalog/ref.ts'
import { answer, answers, bodyProblems, keyProblems, locationHeader, retryHeader } from './schemas.ts'

export const predictionAnswers = answers(
  {
    200: answer('The predictions.', ref(PredictionsSchema)),
    202: answer(
      `For a dataset: the prediction that workers make. A tenant may have ${datasetPredictionLimits.pending} that have not ended, of at most ${datasetPredictionLimits.bytes / 2 ** 30} GiB of float32 outputs each; they are kept for ${datasetPredictionLimits.keptDays} days after their end.`,
      ref(DatasetPredictionSchema),
      { ...locationHeader, ...retryHeader },
    ),
  },
  ['NOT_FOUND', 'CONFLICT', 'QUEUE_FULL', 'QUOTA_EXCEEDED', 'ENGINE_TIMEOUT', ...bodyProblems, ...keyProblems],
)

/** What an Idempotency-Key keeps of a request for a dataset. */
export const predictionOutcome = { status: 202, kind: 'predictions', created: true } as const

export const sendAccepted = (reply: FastifyReply, prediction: DatasetPredictionResource): FastifyReply =>
  reply
    .code(202)
    .headers({ location: `/v1/predictions/${prediction.id}`, 'retry-after': '1' })
    .send(prediction)
