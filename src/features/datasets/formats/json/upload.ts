/** JSON bodies of POST /v1/datasets, read and packed: pure work, which any thread can do. */

import { optionErrors } from '../../column-roles.ts'
import { createTableWriter } from '../../table-writer.ts'
import type { ReadBody } from '../upload-format.ts'
import { readDatasetRequest } from './request.ts'

/** Reads and packs a body. @throws Problem VALIDATION_FAILED with every validation error */
export const readJson = (body: unknown): ReadBody => {
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
