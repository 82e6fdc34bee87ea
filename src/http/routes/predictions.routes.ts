/** /v1/predictions: what models give for whole datasets. */
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { DatasetPredictionPageSchema, DatasetPredictionSchema, datasetPredictionListQuery } from '../../api/dataset-prediction.schema.ts'
import { fieldsQuery, SomeFieldsPageSchema, SomeFieldsSchema } from '../../api/page.schema.ts'
import type { DatasetPredictionService } from '../../features/predictions/dataset-prediction.service.ts'
import { type LineFormat, lineFormatNames, lineFormats, lineMediaTypes } from '../../features/predictions/prediction-lines.ts'
import { sendTagged } from '../entity-tags.ts'
import { choosePage, fieldsChooser, someFieldsType, wholeOrSome } from '../fields.ts'
import { createOpenAnswers } from '../open-answers.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { requestSignal } from '../request-signal.ts'
import { answers, dispositionHeader, idParams, lines, noContent, notModified, tagHeader } from '../schemas.ts'
import type { App } from '../types.ts'

type Collaborators = { predictions: DatasetPredictionService; openPerTenant: number; closing: AbortSignal }

const params = idParams('prediction', 'pred_01kaf3m5d9v0q8c1x2y3z4w5a6')

export const addPredictionRoutes = (app: App, { predictions, openPerTenant, closing }: Collaborators): void => {
  const waiting = createOpenAnswers({ what: 'requests that wait for a prediction', max: openPerTenant })
  app.get(
    '/predictions',
    {
      schema: {
        operationId: 'listPredictions',
        tags: ['predictions'],
        summary: 'List predictions for datasets, newest first',
        querystring: datasetPredictionListQuery,
        response: answers({
          200: wholeOrSome('One page.', DatasetPredictionPageSchema, SomeFieldsPageSchema, tagHeader),
          304: notModified,
        }),
      },
    },
    async (request, reply) => {
      const { status, job, fields, ...page } = request.query
      const choose = fieldsChooser(DatasetPredictionSchema, fields)
      const resource = choosePage(await predictions.list(request.tenant, page, { status, job }), choose)
      return sendTagged(request, reply, {
        version: [fields, resource],
        resource,
        mediaType: fields === undefined ? undefined : someFieldsType,
      })
    },
  )

  app.get(
    '/predictions/:id',
    {
      schema: {
        operationId: 'getPrediction',
        tags: ['predictions'],
        summary: 'Get a prediction for a dataset, or wait for its end',
        params,
        querystring: predictionQuery,
        response: answers({ 200: wholeOrSome('The prediction.', DatasetPredictionSchema, SomeFieldsSchema, tagHeader), 304: notModified }, [
          'NOT_FOUND',
        ]),
      },
    },
    async (request, reply) => {
      const { tenant, params, query } = request
      const { wait, fields } = query
      const choose = fieldsChooser(DatasetPredictionSchema, fields)
      if (wait > 0) waiting.hold(tenant, reply)
      const whole = await predictions.get(tenant, params.id, { waitSeconds: wait, signal: requestSignal(reply, closing) })
      return sendTagged(request, reply, {
        version: [fields, whole],
        resource: choose(whole),
        mediaType: fields === undefined ? undefined : someFieldsType,
        isKept: wait === 0,
      })
    },
  )

  app.get(
    '/predictions/:id/rows',
    {
      schema: {
        operationId: 'listPredictionRows',
        tags: ['predictions'],
        summary: 'All rows of a prediction that has succeeded, as lines',
        description: `By \`Accept\`, or by \`format\`: ${shownTypes.map((type) => `\`${type}\``).join(', ')}. In the order of the dataset, whose rows count from 0.`,
        params,
        querystring: rowsQuery,
        response: answers(
          {
            200: {
              description: 'The rows.',
              headers: dispositionHeader,
              content: {
                [ndjsonType]: lines(
                  'A row a line: `prediction` is as an entry of `predictions` that is answered for rows.',
                  '{"row":0,"prediction":"Adelie"}\n{"row":1,"prediction":"Gentoo"}\n',
                ),
                [csvType]: lines(
                  'A line of names, then one a row: `prediction`, or a column for each of several values, `prediction.0`; those of probabilities are named by their class, `probability.Adelie`. What is null is empty.',
                  'row,prediction\n0,Adelie\n1,Gentoo\n',
                ),
              },
            },
          },
          ['NOT_FOUND', 'CONFLICT', 'NOT_ACCEPTABLE'],
        ),
      },
    },
    async (request, reply) => {
      const { format: named } = request.query
      reply.header('vary', 'Accept')
      const mediaType = named ? lineFormats[named].mediaTypes[0] : preferredType(request, [...lineMediaTypes.keys()], shownTypes)
      const format = lineMediaTypes.get(mediaType) ?? 'ndjson'
      const { id } = request.params
      const text = await predictions.rows(request.tenant, id, format)
      reply.type(`${mediaType}; charset=utf-8`).header('content-disposition', `attachment; filename="${id}.${format}"`)
      return reply.send(Readable.from(text, { highWaterMark: 1 }))
    },
  )

  app.delete(
    '/predictions/:id',
    {
      schema: {
        operationId: 'deletePrediction',
        tags: ['predictions'],
        summary: 'Delete a prediction with its rows, whatever is done for it',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await predictions.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}

const [ndjsonType] = lineFormats.ndjson.mediaTypes
const [csvType] = lineFormats.csv.mediaTypes
const shownTypes = [ndjsonType, csvType]

const predictionQuery = Type.Object(
  {
    ...fieldsQuery(DatasetPredictionSchema),
    wait: Type.Number({
      minimum: 0,
      maximum: 60,
      default: 0,
      description: 'Seconds to wait for its end. Answers at once if it has ended.',
    }),
  },
  { additionalProperties: false },
)

const rowsQuery = Type.Object(
  {
    format: Type.Optional(
      Type.Unsafe<LineFormat>({
        type: 'string',
        enum: lineFormatNames,
        description: 'In place of `Accept`, for links and for browsers.',
      }),
    ),
  },
  { additionalProperties: false },
)
