/** JSON bodies of POST /v1/datasets, read and packed: pure work, which any thread can do. */

import type { UploadOptions } from '../../api/dataset.schema.ts'
import type { SyntheticSpec } from '../../catalog/generators.ts'
import { optionErrors } from './column-roles.ts'
import { readDatasetRequest } from './dataset-request.ts'
import { createTableWriter, type TableSummary } from './table-writer.ts'

/** What a body comes to: a spec, or a packed table. */
export type JsonUpload = { spec: SyntheticSpec } | { summary: TableSummary; options: UploadOptions; chunks: Uint8Array[] }

/** A body that has been read already, which no body can pretend to be. */
export class ReadUpload {
  readonly upload: JsonUpload

  constructor(upload: JsonUpload) {
    this.upload = upload
  }
}

/** Reads and packs a body. @throws Problem VALIDATION_FAILED with every validation error */
export const readJsonUpload = (body: unknown): JsonUpload => {
  const request = readDatasetRequest(body)
  if ('spec' in request) return request
  const { table, errors } = request
  const chunks: Uint8Array[] = []
  const writer = createTableWriter({ names: table.names, emit: (chunk) => chunks.push(chunk) })
  for (const row of table.rows) writer.add(row)
  const summary = writer.finish(table.options)
  errors.addAll(optionErrors(table.names, table.options))
  errors.throwIfAny()
  return { summary, options: table.options, chunks }
}
