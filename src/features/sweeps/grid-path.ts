/** Dotted paths of a grid: each must name something of the config's schema, and an element that the base really has. */

import { componentOf } from '../../api/components.ts'
import { JobConfigSchema } from '../../api/job-config.schema.ts'
import type { ValidationError } from '../../contracts/error-codes.ts'
import { didYouMean } from '../../validation/did-you-mean.ts'
import { pointer } from '../../validation/validation-errors.ts'

/** Longest path; every path of the schema is shorter by far. */
export const longestPath = 200

/** The parts of a JSON Schema that say where a path may go. */
type Schema = {
  $ref?: string
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
  then?: Schema
  else?: Schema
}

/** What is wrong with the paths of one grid; `at` is where the grid lies in the request. */
export const gridPathErrors = (paths: readonly string[], base: unknown, at: string): ValidationError[] => [
  ...paths.flatMap((path): ValidationError[] => {
    const wrong = pathError(path, base)
    return wrong ? [{ path: at + pointer(shownPath(path)), code: 'path', message: wrong }] : []
  }),
  ...overlapErrors(paths, at),
]

const shownPath = (path: string): string => (path.length > longestPath ? `${path.slice(0, longestPath)}…` : path)

/** Why a path leads nowhere; undefined if it leads somewhere. */
const pathError = (path: string, base: unknown): string | undefined => {
  if (path.length > longestPath) return `is longer than ${longestPath} characters`
  const steps = path.split('.')
  if (steps.some((step) => step === '' || ['__proto__', 'constructor', 'prototype'].includes(step)))
    return 'is no dotted path into a config'
  let schemas: Schema[] = [JobConfigSchema as Schema]
  let value = base
  for (const [at, step] of steps.entries()) {
    const where = steps.slice(0, at).join('.')
    const wrong = stepError(step, value, schemas, where)
    if (wrong) return wrong
    schemas = Array.isArray(value) ? itemsOf(schemas) : propertiesOf(schemas, step)
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined
  }
  return undefined
}

/** Why a step cannot be taken from `value`, which lies at `where` in the base and is described by any of `schemas`. */
const stepError = (step: string, value: unknown, schemas: readonly Schema[], where: string): string | undefined => {
  if (Array.isArray(value)) return elementError(step, value.length, where)
  if (value !== undefined && (typeof value !== 'object' || value === null)) return `leads into "${where}", which in the base is no object`
  if (propertiesOf(schemas, step).length > 0) return undefined
  if (value === undefined && itemsOf(schemas).length > 0) return `"${step}" is no element of "${where}": the base has no such list`
  return `"${step}" is not a field of ${where === '' ? 'a config' : `"${where}"`}${didYouMean(step, namesOf(schemas))}`
}

/** Elements are counted from 0, in plain digits, and none is added. */
const elementError = (step: string, length: number, where: string): string | undefined => {
  if (/^(?:0|[1-9]\d{0,9})$/.test(step) && Number(step) < length) return undefined
  const last = length > 1 ? `, 0 to ${length - 1}` : length === 1 ? ', 0' : ''
  return `"${step}" is no element of "${where}", of which the base has ${length}${last}`
}

/** A schema and all that it may stand for. */
const branchesOf = (schema: Schema): Schema[] => [
  schema,
  ...[componentOf(schema.$ref) as Schema | undefined, ...(schema.oneOf ?? []), ...(schema.anyOf ?? []), schema.then, schema.else].flatMap(
    (branch) => (branch ? branchesOf(branch) : []),
  ),
]

const propertiesOf = (schemas: readonly Schema[], name: string): Schema[] =>
  schemas.flatMap(branchesOf).flatMap(({ properties = {}, additionalProperties }) => {
    if (Object.hasOwn(properties, name)) return properties[name] ?? []
    return typeof additionalProperties === 'object' ? additionalProperties : []
  })

const itemsOf = (schemas: readonly Schema[]): Schema[] => schemas.flatMap(branchesOf).flatMap(({ items }) => items ?? [])

const namesOf = (schemas: readonly Schema[]): string[] => [
  ...new Set(schemas.flatMap(branchesOf).flatMap(({ properties = {} }) => Object.keys(properties))),
]

/** Of two paths of which one lies inside the other, the later would undo the earlier. */
const overlapErrors = (paths: readonly string[], at: string): ValidationError[] =>
  paths.flatMap((path): ValidationError[] => {
    const outer = paths.find((other) => path.startsWith(`${other}.`))
    if (outer === undefined) return []
    const message = `lies inside "${shownPath(outer)}", which this grid sets too`
    return [{ path: at + pointer(shownPath(path)), code: 'overlap', message }]
  })
