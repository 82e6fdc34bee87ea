/** JSON bodies of POST /v1/datasets, read and packed: pure work, which any thread can do. */

import { optionErrors } from '../../column-roles.ts'
import type { StoredPart } from '../../table/stored-part.ts'
import { createTableWriter } from '../../table-writer.ts'
import type { ReadBody } from '../upload-format.ts'
import { readDatasetRequest } from './request.ts'

/** Reads and packs a body. @throws Problem VALIDATION_FAILED with every validation error */
export const readJson = (body: unknown): ReadBody => {
  const request = readDatasetRequest(body)
  if ('spec' in request) return request
  const { table, errors } = request
  const parts: StoredPart[] = []
  const writer = createTableWriter({ names: table.names, emit: (bytes) => parts.push({ kind: 'values', bytes }) })
  // A row that is not whole is told as a validation error when it is read.
  for (const row of table.rows) if (row.length === table.names.length) writer.add(row)
  const summary = writer.finish(table.options)
  errors.addAll(optionErrors(table.names, table.options))
  errors.throwIfAny()
  return { summary, options: table.options, parts }
}
