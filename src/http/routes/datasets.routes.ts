/** /v1/datasets */
import { Type } from 'typebox'
import { CreateDatasetSchema, DatasetPageSchema, DatasetSchema } from '../../api/dataset.schema.ts'
import { ImportSchema } from '../../api/import.schema.ts'
import { metadataPatterns } from '../../api/metadata.schema.ts'
import { fieldsQuery, type PageRequest, pageQuery, SomeFieldsPageSchema, SomeFieldsSchema } from '../../api/page.schema.ts'
import { uploadQuery } from '../../api/upload-options.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { DatasetService } from '../../features/datasets/dataset.service.ts'
import type { ImportService } from '../../features/imports/import.service.ts'
import { throwIfInvalid } from '../../validation/validation-errors.ts'
import { createBodyBudget } from '../bodies/body-budget.ts'
import { CheckedBody } from '../bodies/checked-body.ts'
import type { AskZstd } from '../bodies/content-encoding.ts'
import type { Pace } from '../bodies/progress.ts'
import { sendTagged } from '../entity-tags.ts'
import { choosePage, fieldsChooser, someFieldsType, wholeOrSome } from '../fields.ts'
import { metadataOf } from '../metadata-query.ts'
import {
  answer,
  answers,
  bodyProblems,
  idempotencyHeaders,
  idParams,
  keyProblems,
  locationHeader,
  noContent,
  notModified,
  retryHeader,
  tagHeader,
} from '../schemas.ts'
import type { App } from '../types.ts'
import { addUploadBodies, isUpload, jsonQueryErrors, readUpload, uploadDescription, uploadTypes } from './dataset-uploads.ts'
import { importRequestOf } from './imports.routes.ts'
import { whenGone } from './when-gone.ts'

const params = idParams('dataset', 'ds_01kaf3m5d9v0q8c1x2y3z4w5a6')
/** Large files that are read at a time: each has buffers, and a temporary file. */
const uploadsAtOnce = 16

const listQuery = Type.Unsafe<Record<string, unknown> & PageRequest & { fields?: string }>({
  ...Type.Object({ ...pageQuery('ds'), ...fieldsQuery(DatasetSchema) }),
  patternProperties: metadataPatterns,
  additionalProperties: false,
})

/** Both limits in bytes: `bodyLimit` of JSON, `fileLimit` of files. */
export const addDatasetRoutes = (
  app: App,
  {
    datasets,
    bodyLimit,
    fileLimit,
    pace,
    askZstd,
    imports,
  }: { datasets: DatasetService; imports: ImportService; bodyLimit: number; fileLimit: number; pace: Pace; askZstd: AskZstd },
): void => {
  addUploadBodies(app, { limit: fileLimit, askZstd })
  const turns = createBodyBudget(uploadsAtOnce)

  app.post(
    '/datasets',
    {
      bodyLimit,
      config: { takesCompressed: true },
      schema: {
        operationId: 'createDataset',
        tags: ['datasets'],
        summary: 'Upload a table, or describe one to be generated',
        description: uploadDescription,
        headers: idempotencyHeaders,
        querystring: uploadQuery,
        consumes: uploadTypes,
        body: ref(CreateDatasetSchema),
        response: answers(
          {
            201: answer('The stored dataset.', ref(DatasetSchema), locationHeader),
            202: answer('With a `url`: the import, which goes on by itself.', ref(ImportSchema), { ...locationHeader, ...retryHeader }),
          },
          [...bodyProblems, 'QUOTA_EXCEEDED', 'CONFLICT', 'IMPORT_DISABLED', ...keyProblems],
        ),
      },
      // The parsers check tables cell by cell, with rows and columns in their validation errors.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body' ? refuseNull : (app.validatorCompiler?.({ schema, method: 'POST', url: '', httpPart }) ?? (() => true)),
    },
    async (request, reply) => {
      const { tenant, body, query } = request
      // A JSON body says all of itself.
      if (!isUpload(request)) throwIfInvalid(jsonQueryErrors(query))
      const wanted = importRequestOf(body)
      if (wanted) {
        const begun = await imports.create(tenant, wanted, request.onStored({ status: 202, kind: 'imports', created: true }))
        return reply
          .code(202)
          .headers({ location: `/v1/imports/${begun.id}`, 'retry-after': '1' })
          .send(begun)
      }
      const insertion = {
        onStored: request.onStored({ status: 201, kind: 'datasets', created: true }),
        signal: whenGone(reply),
        onError: (error: unknown) => request.log.warn({ err: error }, 'an upload could not be taken back; the housekeeping will do it'),
      }
      const dataset = isUpload(request)
        ? await readUpload(request, query, {
            turns,
            pace,
            store: (file, options) => datasets.createFromFile(tenant, file, options, insertion),
          })
        : await datasets.createFromJson(tenant, body, insertion)
      return reply.code(201).header('location', `/v1/datasets/${dataset.id}`).send(dataset)
    },
  )

  app.get(
    '/datasets',
    {
      schema: {
        operationId: 'listDatasets',
        tags: ['datasets'],
        summary: 'List datasets, newest first',
        description: 'Filter by time, and by any number of `metadata[key]=value`: what is shown meets all of them.',
        querystring: listQuery,
        response: answers({ 200: wholeOrSome('One page.', DatasetPageSchema, SomeFieldsPageSchema) }),
      },
    },
    async ({ tenant, query: { fields, after, limit, createdAfter, createdBefore, ...rest } }, reply) => {
      if (fields !== undefined) reply.type(someFieldsType)
      const choose = fieldsChooser(DatasetSchema, fields)
      return choosePage(await datasets.list(tenant, metadataOf(rest), { after, limit, createdAfter, createdBefore }), choose)
    },
  )

  app.get(
    '/datasets/:id',
    {
      schema: {
        operationId: 'getDataset',
        tags: ['datasets'],
        summary: 'Get a dataset: columns, rows, statistics, content hash',
        params,
        querystring: Type.Object(fieldsQuery(DatasetSchema), { additionalProperties: false }),
        response: answers({ 200: wholeOrSome('The dataset.', DatasetSchema, SomeFieldsSchema, tagHeader), 304: notModified }, [
          'NOT_FOUND',
        ]),
      },
    },
    async (request, reply) => {
      const { fields } = request.query
      const choose = fieldsChooser(DatasetSchema, fields)
      const dataset = await datasets.get(request.tenant, request.params.id)
      return sendTagged(request, reply, {
        // A dataset never changes.
        version: [dataset.id, fields],
        resource: choose(dataset),
        mediaType: fields === undefined ? undefined : someFieldsType,
      })
    },
  )

  app.delete(
    '/datasets/:id',
    {
      schema: {
        operationId: 'deleteDataset',
        tags: ['datasets'],
        summary: 'Delete a dataset; results of finished jobs stay',
        params,
        response: answers({ 204: noContent('Deleted.') }, ['NOT_FOUND', 'CONFLICT']),
      },
    },
    async ({ tenant, params: { id } }, reply) => {
      await datasets.remove(tenant, id)
      return reply.code(204).send()
    },
  )
}

/** Fastify shows a body that isn't there as null; problem-details.ts tells it from JSON's null. */
const refuseNull = (body: unknown) => {
  if (body instanceof CheckedBody) return body.validate()
  return body === null
    ? { error: new Problem('VALIDATION_FAILED', undefined, [{ path: '/body', code: 'type', message: 'must be an object', value: null }]) }
    : { value: body }
}
