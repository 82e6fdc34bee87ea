/** JSON bodies of POST /v1/datasets, told apart by their keys. */

import { Type } from 'typebox'
import { createApiChecks } from '../../../../api/checks.ts'
import {
  type FilingOptions,
  filingOptions,
  type UploadOptions,
  UploadOptionsSchema,
  uploadOptions,
} from '../../../../api/upload-options.schema.ts'
import { generatorFamily, type SyntheticSpec } from '../../../../catalog/generators.ts'
import { didYouMean } from '../../../../validation/did-you-mean.ts'
import { createErrorList, type ErrorList, pointer } from '../../../../validation/validation-errors.ts'
import { syntheticErrors } from '../../generators/spec-errors.ts'
import { type ArrayOptions, type JsonTable, readArrays, readRows } from './table.ts'

/** What a body asks for; `errors` of all but its rows. */
export type DatasetRequest = { spec: SyntheticSpec; filing: FilingOptions } | { table: JsonTable; errors: ErrorList }

const check = createApiChecks()
const checkSpec = check(generatorFamily.union, '/synthetic')
const checkOptions = check(UploadOptionsSchema)
const checkFiling = check(Type.Object(filingOptions))

/**
 * Reads a body, of a table all but its rows.
 * @throws Problem VALIDATION_FAILED with all validation errors if there is no table to read
 */
export const readDatasetRequest = (body: unknown): DatasetRequest => {
  const errors = createErrorList()
  const request = read(body, errors)
  if (!request || 'spec' in request) errors.throwIfAny()
  if (!request) throw new Error('a request without validation errors was not read')
  return request
}

/** Validation errors of a spec: its schema's, then those that schemas cannot say. Fills defaults in. */
export const checkSyntheticSpec = (spec: unknown, at: string) => {
  const errors = checkSpec(spec).map((error) => ({ ...error, path: error.path.replace(/^\/synthetic/, at) }))
  if (errors.length > 0) return errors
  return syntheticErrors(spec as SyntheticSpec).map((error) => ({ ...error, path: at + error.path }))
}

const read = (body: unknown, errors: ErrorList): DatasetRequest | undefined => {
  // Files of rows are arrays of them, of which nothing else is said.
  if (Array.isArray(body)) return readRowsBody({ rows: body }, errors)
  if (typeof body !== 'object' || body === null) {
    errors.add({ path: '/body', code: 'type', message: 'must be an array of rows or an object: {rows}, {features, labels} or {synthetic}' })
    return undefined
  }
  const given = body as Record<string, unknown>
  // Where a URL may stand it is looked for before, in bodies that are small.
  if ('url' in given) {
    errors.add({ path: '/url', code: 'too_large', message: 'must stand in a body of less than 256 KiB' })
    return undefined
  }
  if ('synthetic' in given) return readSynthetic(given, errors)
  if ('rows' in given) return readRowsBody(given, errors)
  if ('features' in given || 'labels' in given) return readArraysBody(given, errors)
  for (const key of Object.keys(given)) unknownField(key, errors)
  errors.add({ path: '/rows', code: 'required', message: 'one of rows, features with labels, or synthetic is required' })
  return undefined
}

/** What a table of arrays, whose columns have no names, may say. */
const arrayOptions = ['inputShape', ...Object.keys(filingOptions)]
const filingFields = Object.keys(filingOptions)
const knownFields = ['rows', 'synthetic', ...Object.keys(uploadOptions)]

const unknownField = (key: string, errors: ErrorList): void =>
  errors.add({ path: pointer(key), code: 'unknown_field', message: `is not a known field${didYouMean(key, knownFields)}` })

const readSynthetic = ({ synthetic, ...others }: Record<string, unknown>, errors: ErrorList): DatasetRequest => {
  for (const key of Object.keys(others)) if (!filingFields.includes(key)) unknownField(key, errors)
  errors.addAll(checkFiling(others))
  errors.addAll(checkSyntheticSpec(synthetic, '/synthetic'))
  return { spec: synthetic as SyntheticSpec, filing: others as FilingOptions }
}

const readRowsBody = ({ rows, ...options }: Record<string, unknown>, errors: ErrorList): DatasetRequest | undefined => {
  const wrong = checkOptions(options)
  errors.addAll(wrong)
  if (Array.isArray(rows)) return { table: readRows(rows, wrong.length > 0 ? {} : (options as UploadOptions)), errors }
  errors.add({ path: '/rows', code: 'type', message: 'must be an array of objects' })
  return undefined
}

const readArraysBody = ({ features, labels, ...options }: Record<string, unknown>, errors: ErrorList): DatasetRequest | undefined => {
  for (const key of Object.keys(options)) if (!arrayOptions.includes(key)) unknownField(key, errors)
  const said = Object.fromEntries(Object.entries(options).filter(([key]) => arrayOptions.includes(key)))
  const wrong = checkOptions(said)
  errors.addAll(wrong)
  for (const [key, value] of Object.entries({ features, labels })) {
    if (value === undefined) errors.add({ path: pointer(key), code: 'required', message: 'is required' })
    else if (!Array.isArray(value)) errors.add({ path: pointer(key), code: 'type', message: 'must be an array of rows' })
  }
  if (!Array.isArray(features) || !Array.isArray(labels)) return undefined
  return { table: readArrays({ features, labels }, wrong.length > 0 ? {} : (said as ArrayOptions)), errors }
}
