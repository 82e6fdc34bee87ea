/** What a job left behind, epoch by epoch: /v1/jobs/{id}/epochs and gradients */
import { Type } from 'typebox'
import { maxPointsSchema } from '../../api/curve.schema.ts'
import { EpochsSchema } from '../../api/epoch.schema.ts'
import { jobParameter } from '../../api/job-parameter.ts'
import { GradientsSchema } from '../../api/tensors.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { ResultsService } from '../../features/jobs/results.service.ts'
import { answer, answers, idParams } from '../schemas.ts'
import type { App } from '../types.ts'

export const addResultRoutes = (app: App, { results }: { results: ResultsService }): void => {
  app.get(
    '/jobs/:id/epochs',
    {
      schema: {
        operationId: 'listEpochs',
        tags: ['results'],
        summary: 'List the losses and more of each epoch',
        params,
        querystring: epochsQuery,
        response: answers({ 200: answer('The epochs, in order.', ref(EpochsSchema)) }, ['NOT_FOUND', 'VALIDATION_FAILED']),
      },
    },
    async ({ tenant, params: { id }, query }) => ({ data: await results.epochs(tenant, id, query) }),
  )

  app.get(
    '/jobs/:id/gradients',
    {
      schema: {
        operationId: 'listGradients',
        tags: ['results'],
        summary: "List the gradients of each epoch's last mini-batch: what .grad holds after the loop",
        params,
        querystring: gradientsQuery,
        response: answers({ 200: answer('The gradients.', ref(GradientsSchema)) }, ['NOT_FOUND', 'VALIDATION_FAILED']),
      },
    },
    async ({ tenant, params: { id }, query: { reduce, maxPoints, ...query } }) => ({
      data: await results.gradients(tenant, id, query, { reduce, maxPoints }),
    }),
  )
}

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')

const epochsQuery = Type.Object(
  {
    from: epoch('First epoch.'),
    to: epoch('Last epoch.'),
    maxPoints: Type.Optional(maxPointsSchema('Gives at most so many epochs, those that show the shape of the loss curve.')),
  },
  { additionalProperties: false },
)

const gradientsQuery = Type.Object(
  {
    epoch: epoch('Only this epoch; all unless asked.'),
    parameter: Type.Optional(jobParameter('Only of this parameter.')),
    reduce: Type.Unsafe<'full' | 'norm'>({
      type: 'string',
      enum: ['full', 'norm'],
      default: 'full',
      description: '`norm` leaves the values out.',
    }),
    maxPoints: Type.Optional(
      maxPointsSchema(
        "Gives those of at most so many epochs, which show the shape of the parameter's norm, or of `gradientNorm` if no parameter is named.",
      ),
    ),
  },
  { additionalProperties: false },
)

function epoch(description: string) {
  return Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description }))
}
