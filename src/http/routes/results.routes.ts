/** What a job left behind, epoch by epoch: /v1/jobs/{id}/epochs and gradients */
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { maxPointsSchema } from '../../api/curve.schema.ts'
import { EpochsSchema, epochLinesExamples } from '../../api/epoch.schema.ts'
import { jobParameter } from '../../api/job-parameter.ts'
import { GradientsSchema } from '../../api/tensors.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { type EpochFormat, epochFormatNames, epochFormats, epochLines, epochMediaTypes } from '../../features/jobs/epoch-formats.ts'
import type { ResultsService } from '../../features/jobs/results.service.ts'
import { notBeforeKeyword } from '../../validation/not-before.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { answer, answers, dispositionHeader, idParams, lines } from '../schemas.ts'
import type { App } from '../types.ts'

const [jsonType] = epochFormats.json.mediaTypes
const [csvType] = epochFormats.csv.mediaTypes
const [ndjsonType] = epochFormats.ndjson.mediaTypes
/** The names of the formats, not all that is understood as them. */
const shownTypes = [jsonType, csvType, ndjsonType]

export const addResultRoutes = (app: App, { results }: { results: ResultsService }): void => {
  app.get(
    '/jobs/:id/epochs',
    {
      schema: {
        operationId: 'listEpochs',
        tags: ['results'],
        summary: 'List the losses and more of each epoch',
        description: `By \`Accept\`, or by \`format\`: ${shownTypes.map((type) => `\`${type}\``).join(', ')}.`,
        params,
        querystring: epochsQuery,
        response: answers(
          {
            200: {
              description: 'The epochs, in order.',
              headers: dispositionHeader,
              content: {
                [jsonType]: { schema: ref(EpochsSchema) },
                [csvType]: lines(
                  'A line of names, then one an epoch: the fields in their order, and each metric as a column. What is null is empty.',
                  epochLinesExamples.csv,
                ),
                [ndjsonType]: lines('An epoch a line, as in `data` of the JSON.', epochLinesExamples.ndjson),
              },
            },
          },
          ['NOT_FOUND', 'NOT_ACCEPTABLE'],
        ),
      },
    },
    async (request, reply) => {
      const { format: named, ...query } = request.query
      reply.header('vary', 'Accept')
      const mediaType = named ? epochFormats[named].mediaTypes[0] : preferredType(request, [...epochMediaTypes.keys()], shownTypes)
      const format = epochMediaTypes.get(mediaType) ?? 'json'
      const { id } = request.params
      const pages = await results.epochs(request.tenant, id, query)
      if (format === 'json') return { data: pages }
      reply.type(`${mediaType}; charset=utf-8`).header('content-disposition', `attachment; filename="${id}-epochs.${format}"`)
      return reply.send(Readable.from(epochLines[format](pages), { highWaterMark: 1 }))
    },
  )

  app.get(
    '/jobs/:id/checkpoints',
    {
      schema: {
        operationId: 'listCheckpoints',
        tags: ['results'],
        summary: 'List the epochs of which the weights are kept',
        description:
          'With their losses and metrics, in order. `GET …/weights?epoch=` gives the weights of each; `record.weights` says which are kept.',
        params,
        querystring: rangeQuery,
        response: answers({ 200: answer('The epochs, in order.', ref(EpochsSchema)) }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id }, query }) => ({ data: await results.checkpoints(tenant, id, query) }),
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
        response: answers({ 200: answer('The gradients.', ref(GradientsSchema)) }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id }, query: { reduce, maxPoints, ...query } }) => ({
      data: await results.gradients(tenant, id, query, { reduce, maxPoints }),
    }),
  )
}

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')

const rangeQuery = Type.Object(
  { from: epoch('First epoch.'), to: epoch('Last epoch.', { [notBeforeKeyword]: 'from' }) },
  { additionalProperties: false },
)

const epochsQuery = Type.Object(
  {
    ...rangeQuery.properties,
    maxPoints: Type.Optional(maxPointsSchema('Gives at most so many epochs, those that show the shape of the loss curve.')),
    format: Type.Optional(
      Type.Unsafe<EpochFormat>({
        type: 'string',
        enum: epochFormatNames,
        description: 'In place of `Accept`, for links and for browsers.',
      }),
    ),
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

function epoch(description: string, others: object = {}) {
  return Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description, ...others }))
}
