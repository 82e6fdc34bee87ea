/** JSON bodies of POST /v1/datasets, told apart by their keys. */
import { type SyntheticSpec, syntheticSpecSchema } from '../../contracts/catalog/generators.ts'
import { type UploadOptions, UploadOptionsSchema } from '../../contracts/dataset.ts'
import { didYouMean } from '../../contracts/did-you-mean.ts'
import { createFaultList, type FaultList, pointer } from '../../contracts/faults.ts'
import { createChecks } from '../../contracts/validate.ts'
import { syntheticFaults } from './generators/spec-faults.ts'
import { type ReadTable, readArrays, readRows } from './json-table.ts'

/** What a body asks for. The faults of a table are complete when its rows have been read. */
export type DatasetRequest = { spec: SyntheticSpec } | { table: ReadTable; faults: FaultList }

const check = createChecks()
const checkSpec = check(syntheticSpecSchema, '/synthetic')
const checkOptions = check(UploadOptionsSchema)

/**
 * Reads a body, of a table all but its rows.
 * @throws Problem VALIDATION_FAILED with all faults where there is no table to read
 */
export const readDatasetRequest = (body: unknown): DatasetRequest => {
  const faults = createFaultList()
  const request = read(body, faults)
  if (!request || 'spec' in request) faults.throwIfAny()
  if (!request) throw new Error('a request without faults was not read')
  return request
}

/** Faults of a spec: its schema's, then those that schemas cannot say. Fills defaults in. */
export const checkSyntheticSpec = (spec: unknown, at: string) => {
  const faults = checkSpec(spec).map((fault) => ({ ...fault, path: fault.path.replace(/^\/synthetic/, at) }))
  if (faults.length > 0) return faults
  return syntheticFaults(spec as SyntheticSpec).map((fault) => ({ ...fault, path: at + fault.path }))
}

const read = (body: unknown, faults: FaultList): DatasetRequest | undefined => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    faults.add({ path: '/body', code: 'type', message: 'must be an object: {rows}, {features, labels} or {synthetic}' })
    return undefined
  }
  const given = body as Record<string, unknown>
  if ('synthetic' in given) return readSynthetic(given, faults)
  if ('rows' in given) return readRowsBody(given, faults)
  if ('features' in given || 'labels' in given) return readArraysBody(given, faults)
  for (const key of Object.keys(given)) unknownField(key, faults)
  faults.add({ path: '/rows', code: 'required', message: 'one of rows, features with labels, or synthetic is required' })
  return undefined
}

const knownFields = ['rows', 'features', 'labels', 'inputShape', 'synthetic']

const unknownField = (key: string, faults: FaultList): void =>
  faults.add({ path: pointer(key), code: 'unknown_field', message: `is not a known field${didYouMean(key, knownFields)}` })

const readSynthetic = ({ synthetic, ...others }: Record<string, unknown>, faults: FaultList): DatasetRequest => {
  for (const key of Object.keys(others)) unknownField(key, faults)
  faults.addAll(checkSyntheticSpec(synthetic, '/synthetic'))
  return { spec: synthetic as SyntheticSpec }
}

const readRowsBody = ({ rows, ...options }: Record<string, unknown>, faults: FaultList): DatasetRequest | undefined => {
  const wrong = checkOptions(options)
  faults.addAll(wrong)
  if (Array.isArray(rows)) return { table: readRows(rows, wrong.length > 0 ? {} : (options as UploadOptions), faults), faults }
  faults.add({ path: '/rows', code: 'type', message: 'must be an array of objects' })
  return undefined
}

const readArraysBody = ({ features, labels, ...options }: Record<string, unknown>, faults: FaultList): DatasetRequest | undefined => {
  for (const key of Object.keys(options)) if (key !== 'inputShape') unknownField(key, faults)
  const wrong = checkOptions({ inputShape: options.inputShape })
  faults.addAll(wrong)
  for (const [key, value] of Object.entries({ features, labels })) {
    if (value === undefined) faults.add({ path: pointer(key), code: 'required', message: 'is required' })
    else if (!Array.isArray(value)) faults.add({ path: pointer(key), code: 'type', message: 'must be an array of rows' })
  }
  if (!Array.isArray(features) || !Array.isArray(labels)) return undefined
  const inputShape = wrong.length > 0 ? undefined : (options.inputShape as number[] | undefined)
  return { table: readArrays(features, labels, inputShape, faults), faults }
}
