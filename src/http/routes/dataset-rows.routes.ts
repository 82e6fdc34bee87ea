/** /v1/datasets/{id}/rows and what else looks into a dataset */
import { randomInt } from 'node:crypto'
import { Type } from 'typebox'
import {
  BatchSchema,
  CorrelationsSchema,
  DatasetRowsPageSchema,
  maxAnswerCells,
  maxAnswerRows,
  maxBatchCells,
} from '../../api/dataset-rows.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { DatasetRowsService } from '../../features/datasets/rows/dataset-rows.service.ts'
import { answer, answers, idParams } from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('dataset', 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6')
const rowsQuery = Type.Object(
  {
    offset: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, default: 0, description: 'Position of the first row, from 0.' }),
    limit: Type.Integer({
      minimum: 1,
      maximum: maxAnswerRows,
      default: 20,
      description: `Most rows of the answer. It ends earlier at ${maxAnswerCells} cells or 32 MiB; \`nextOffset\` says how to go on.`,
    }),
  },
  { additionalProperties: false },
)
const batchQuery = Type.Object(
  {
    batchSize: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 10,
      description: `Rows of the mini-batch; of a wide table so many that it has at most ${maxBatchCells} values.`,
    }),
    seed: Type.Optional(
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Seed of the order; random unless given.' }),
    ),
  },
  { additionalProperties: false },
)

const correlationsQuery = Type.Object(
  {
    label: Type.Optional(
      Type.String({ description: 'Column that the others are held against; the first label of the upload unless given.' }),
    ),
  },
  { additionalProperties: false },
)

export const addDatasetRowsRoutes = (app: App, { datasetRows }: { datasetRows: DatasetRowsService }): void => {
  app.get(
    '/datasets/:id/rows',
    {
      schema: {
        operationId: 'listDatasetRows',
        tags: ['datasets'],
        summary: 'Rows as they were uploaded, in stored order',
        params,
        querystring: rowsQuery,
        response: answers({ 200: answer('The rows.', ref(DatasetRowsPageSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query }) => datasetRows.list(tenant, id, query),
  )

  app.get(
    '/datasets/:id/batch',
    {
      schema: {
        operationId: 'previewBatch',
        tags: ['datasets'],
        summary: "Get a shuffled mini-batch: the notebooks' next(iter(data_iter))",
        params,
        querystring: batchQuery,
        response: answers({ 200: answer('The mini-batch.', ref(BatchSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query: { batchSize, seed = randomInt(2 ** 32) } }) => datasetRows.batch(tenant, id, { batchSize, seed }),
  )

  app.get(
    '/datasets/:id/correlations',
    {
      schema: {
        operationId: 'correlateDataset',
        tags: ['datasets'],
        summary: 'How each column goes with a label',
        params,
        querystring: correlationsQuery,
        response: answers({ 200: answer('The correlations.', ref(CorrelationsSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query: { label } }) => datasetRows.correlations(tenant, id, label),
  )
}
