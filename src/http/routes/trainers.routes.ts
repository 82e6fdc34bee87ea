/** /v1/trainers: training that a client drives by hand. */
import {
  CreateTrainerSchema,
  TrainerCheckpointsSchema,
  TrainerPageSchema,
  TrainerSchema,
  trainerListQuery,
} from '../../api/trainer.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { TrainerService } from '../../features/trainers/trainer.service.ts'
import { answer, answers, bodyProblems, idempotencyHeaders, idParams, keyProblems, locationHeader, noContent } from '../schemas.ts'
import type { App } from '../types.ts'
import { addTrainerOperationRoutes } from './trainer-operations.routes.ts'

const params = idParams('trainer', 'trn_01kaf3m5d9v0q8c1x2y3z4w5a6')
export const addTrainerRoutes = (
  app: App,
  { trainers, bodyLimit, closing }: { trainers: TrainerService; bodyLimit: number; closing: AbortSignal },
): void => {
  addTrainerOperationRoutes(app, { trainers, bodyLimit, closing })
  app.post(
    '/trainers',
    {
      bodyLimit,
      schema: {
        operationId: 'createTrainer',
        tags: ['trainers'],
        summary: 'Open a trainer: a model that is trained operation by operation',
        description: 'Its parameters are those that a job with the same config and seed starts with.',
        headers: idempotencyHeaders,
        body: ref(CreateTrainerSchema),
        response: answers({ 201: answer('The trainer.', ref(TrainerSchema), locationHeader) }, [
          'CONFLICT',
          'TRAINERS_DISABLED',
          ...bodyProblems,
          ...keyProblems,
        ]),
      },
    },
    async (request, reply) => {
      const onStored = request.onStored({ status: 201, kind: 'trainers', created: true })
      const trainer = await trainers.create(request.tenant, request.body, onStored)
      return reply.code(201).header('location', `/v1/trainers/${trainer.id}`).send(trainer)
    },
  )

  app.get(
    '/trainers',
    {
      schema: {
        operationId: 'listTrainers',
        tags: ['trainers'],
        summary: 'List trainers, newest first',
        querystring: trainerListQuery,
        response: answers({ 200: answer('One page.', ref(TrainerPageSchema)) }),
      },
    },
    ({ tenant, query }) => trainers.list(tenant, query),
  )

  app.get(
    '/trainers/:id',
    {
      schema: {
        operationId: 'getTrainer',
        tags: ['trainers'],
        summary: 'Get a trainer: where it stands, and what it saved',
        params,
        response: answers({ 200: answer('The trainer.', ref(TrainerSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id } }) => trainers.get(tenant, id),
  )

  app.get(
    '/trainers/:id/checkpoints',
    {
      schema: {
        operationId: 'listTrainerCheckpoints',
        tags: ['trainers'],
        summary: 'List what a trainer saved, by name',
        description: 'A trainer may start `from` one, and a job may take one for its `warmStart`.',
        params,
        response: answers({ 200: answer('The checkpoints, at most 100.', ref(TrainerCheckpointsSchema)) }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id } }) => ({ data: await trainers.checkpoints(tenant, id) }),
  )

  app.post(
    '/trainers/:id/close',
    {
      schema: {
        operationId: 'closeTrainer',
        tags: ['trainers'],
        summary: 'Close a trainer: it takes no operations any more; what it saved stays',
        params,
        headers: idempotencyHeaders,
        response: answers({ 200: answer('The trainer.', ref(TrainerSchema)) }, ['NOT_FOUND', 'CONFLICT', 'MALFORMED_BODY', ...keyProblems]),
      },
    },
    (request) => trainers.close(request.tenant, request.params.id, request.onStored({ status: 200, kind: 'trainers' })),
  )

  app.delete(
    '/trainers/:id',
    {
      schema: {
        operationId: 'deleteTrainer',
        tags: ['trainers'],
        summary: 'Delete a trainer with all that it saved, whatever it is doing',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await trainers.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}
