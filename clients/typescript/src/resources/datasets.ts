/** `client.datasets` */

import { createList, type List } from '../http/pages.ts'
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Batch, BatchQuery, Correlations, Dataset, DatasetQuery, Import, ImportRequest, Row, Table, UploadOptions } from '../types.ts'
import { createUploader } from './uploader.ts'

export const createDatasets = (transport: Transport) => {
  const path = (id: string, rest = ''): string => `/v1/datasets/${segment(id)}${rest}`
  const upload = createUploader(transport)

  /** A dataset of rows, of arrays, or of a synthetic spec. @throws ValidationError */
  const create = (table: Table & Pick<UploadOptions, 'name' | 'metadata' | 'expiresAt'>, options: CallOptions = {}): Promise<Dataset> =>
    transport.json('POST', '/v1/datasets', { ...options, body: table })

  /** Has the service fetch a file, if it may; `client.imports.wait` tells what came of it. */
  const importFrom = (request: ImportRequest, options: CallOptions = {}): Promise<Import> =>
    transport.json('POST', '/v1/datasets', { ...options, body: request })

  const get = (id: string, options: CallOptions = {}): Promise<Dataset> => transport.json('GET', path(id), options)

  /** Newest first. */
  const list = (query: DatasetQuery = {}, options: CallOptions = {}): List<Dataset> =>
    createList((after) => transport.json('GET', '/v1/datasets', { ...options, query: { ...query, after: after ?? query.after } }))

  /** @throws ConflictError while a job needs it */
  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  /** Rows as they were uploaded, from the one at `offset`, counted from 0. */
  const rows = (id: string, { offset = 0, ...options }: CallOptions & { offset?: number } = {}): List<Row> =>
    createList(async (after) => {
      const query = { offset: after ?? offset, limit: 1000 }
      const { data, nextOffset } = await transport.json<RowsPage>('GET', path(id, '/rows'), { ...options, query })
      return { data, hasMore: nextOffset !== null, nextCursor: nextOffset === null ? null : String(nextOffset) }
    })

  /** A shuffled mini-batch, as training sees it. */
  const batch = (id: string, query: BatchQuery = {}, options: CallOptions = {}): Promise<Batch> =>
    transport.json('GET', path(id, '/batch'), { ...options, query })

  /** How each column goes with a label. */
  const correlations = (id: string, label: string, options: CallOptions = {}): Promise<Correlations> =>
    transport.json('GET', path(id, '/correlations'), { ...options, query: { label } })

  return { create, upload, import: importFrom, get, list, delete: remove, rows, batch, correlations }
}

type RowsPage = { data: Row[]; nextOffset: number | null }
