/** What a trainer is told to do, and its parameters: /v1/trainers/{id}/operations and /v1/trainers/{id}/parameters. */
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { RunningOperationsSchema, TrainerParametersSchema, trainerWait } from '../../api/trainer.schema.ts'
import { trainerLimits } from '../../api/trainer-limits.ts'
import { PerformSchema } from '../../api/trainer-operations.schema.ts'
import { PerformedSchema } from '../../api/trainer-results.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { TrainerService } from '../../features/trainers/trainer.service.ts'
import { writeParameters } from '../../features/trainers/write-parameters.ts'
import { weightFormats } from '../../features/weights/formats.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { requestSignal } from '../request-signal.ts'
import {
  answer,
  answers,
  bodyProblems,
  dispositionHeader,
  file,
  idempotencyHeaders,
  idParams,
  keyProblems,
  locationHeader,
  retryHeader,
} from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('trainer', 'trn_01kaf3m5d9v0q8c1x2y3z4w5a6')
const seqParams = Type.Object({
  ...params.properties,
  seq: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'Number of the request.', examples: [1] }),
})
const [jsonType] = weightFormats.json.mediaTypes
const [safetensorsType] = weightFormats.safetensors.mediaTypes
const [npzType] = weightFormats.npz.mediaTypes
const parameterTypes = [jsonType, safetensorsType, npzType]

const performDescription = [
  'All operations of a request happen, or none. A problem names the operation, as in `/operations/3/deltas`.',
  'The same `seq` with the same operations gets the first answer again, others 409; so does a number that is not the next one, with the one that is.',
  `A request has at most ${trainerLimits.operations} operations and ${trainerLimits.requestBytes / 2 ** 20} MiB; with all rounds of its loops it comes to at most ${trainerLimits.executed} operations, and its answer has at most ${trainerLimits.answered} numbers.`,
].join(' ')

type Collaborators = { trainers: TrainerService; bodyLimit: number; closing: AbortSignal }

export const addTrainerOperationRoutes = (app: App, { trainers, bodyLimit, closing }: Collaborators): void => {
  app.post(
    '/trainers/:id/operations',
    {
      bodyLimit: Math.min(bodyLimit, trainerLimits.requestBytes),
      schema: {
        operationId: 'performOperations',
        tags: ['trainers'],
        summary: 'Do operations: a step, an epoch, or anything in between',
        description: performDescription,
        params,
        querystring: trainerWait,
        headers: idempotencyHeaders,
        body: ref(PerformSchema),
        response: answers(
          {
            200: answer('What the operations gave.', ref(PerformedSchema)),
            202: answer('They are still being done: ask for the answer later, or send the request again.', ref(RunningOperationsSchema), {
              ...locationHeader,
              ...retryHeader,
            }),
          },
          ['NOT_FOUND', 'CONFLICT', 'TRAINERS_DISABLED', ...bodyProblems, ...keyProblems],
        ),
      },
    },
    async ({ tenant, params: { id }, query: { wait }, body }, reply) => {
      const found = await trainers.perform(tenant, id, body, { waitSeconds: wait, signal: requestSignal(reply, closing) })
      if (found) return reply.send(found)
      return reply
        .code(202)
        .headers({ location: `/v1/trainers/${id}/operations/${body.seq}`, 'retry-after': '1' })
        .send({ seq: body.seq, status: 'running' })
    },
  )

  app.get(
    '/trainers/:id/operations/:seq',
    {
      schema: {
        operationId: 'getOperations',
        tags: ['trainers'],
        summary: 'Get the answer to an earlier request, or wait for it',
        description: `The last ${trainerLimits.keptAnswers} answers at least are kept.`,
        params: seqParams,
        querystring: trainerWait,
        response: answers(
          {
            200: answer('What the operations gave.', ref(PerformedSchema)),
            202: answer('They are still being done.', ref(RunningOperationsSchema), retryHeader),
          },
          ['NOT_FOUND', 'CONFLICT'],
        ),
      },
    },
    async ({ tenant, params: { id, seq }, query: { wait } }, reply) => {
      const found = await trainers.answerOf(tenant, id, seq, { waitSeconds: wait, signal: requestSignal(reply, closing) })
      return found ? reply.send(found) : reply.code(202).header('retry-after', '1').send({ seq, status: 'running' })
    },
  )

  app.get(
    '/trainers/:id/parameters',
    {
      schema: {
        operationId: 'getTrainerParameters',
        tags: ['trainers'],
        summary: 'Get parameters and running statistics as they are now',
        description: `By \`Accept\`: \`${jsonType}\`, \`${safetensorsType}\` or \`${npzType}\`.`,
        params,
        response: answers(
          {
            200: {
              description: 'The parameters.',
              headers: dispositionHeader,
              content: {
                [jsonType]: { schema: ref(TrainerParametersSchema) },
                [safetensorsType]: file('safetensors: float32 tensors, little-endian.'),
                [npzType]: file("NumPy's npz: an array per tensor."),
              },
            },
          },
          ['NOT_FOUND', 'CONFLICT', 'TRAINERS_DISABLED', 'NOT_ACCEPTABLE', 'ENGINE_TIMEOUT'],
        ),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      reply.header('vary', 'Accept')
      const mediaType = preferredType(request, parameterTypes, parameterTypes)
      const format = mediaType === safetensorsType ? 'safetensors' : mediaType === npzType ? 'npz' : 'json'
      const { version, tensors } = await trainers.parameters(request.tenant, id, requestSignal(reply, closing))
      const { length, chunks } = writeParameters(format, { trainerId: id, version, tensors })
      const { isText, extension } = weightFormats[format]
      reply.header('content-disposition', `${isText ? 'inline' : 'attachment'}; filename="${id}-version-${version}.${extension}"`)
      reply.type(isText ? `${mediaType}; charset=utf-8` : mediaType)
      if (length !== undefined) reply.header('content-length', length)
      return reply.send(Readable.from(chunks))
    },
  )
}
