/** Checks values against schemas, fills defaults in, and says everything that is wrong, each validation error with the place that it is about. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormatsModule from 'ajv-formats'
import type { ValidationError } from '../contracts/error-codes.ts'
import { compiledLater, compiling } from './compile-ahead.ts'
import { didYouMean } from './did-you-mean.ts'
import { addNotBefore, notBeforeKeyword } from './not-before.ts'
import { maxCountedErrors, pointer, shown } from './validation-errors.ts'

// The package's types describe a CommonJS module, whose function Node hands over as the default.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default

/** Checks a value in place: defaults are filled in. Gives the validation errors, none if it is right. */
export type Check = (value: unknown) => ValidationError[]

/**
 * A maker of checks. Bodies are taken as they are; `coerce` turns the strings of queries and paths into the numbers
 * and booleans that a schema wants.
 */
export const createChecks = ({ coerce = false, schemas = [] }: { coerce?: boolean; schemas?: readonly object[] } = {}) => {
  const ajv = new Ajv({
    allErrors: true,
    // A parameter that may be repeated may be given once.
    coerceTypes: coerce && 'array',
    discriminator: true,
    strict: false,
    strictNumbers: true,
    useDefaults: true,
    verbose: true,
    addUsedSchema: false,
    ...compiling,
    code: { ...compiling.code, process: stopAtManyErrors },
  })
  addFormats(ajv, ['date-time', 'uri'])
  addNotBefore(ajv)
  for (const schema of schemas) ajv.addSchema(schema)
  const named: Named = (id) => ajv.getSchema(id)?.schema

  return (schema: object, at = ''): Check => {
    const compiled = compiledLater(() => ajv.compile(schema))
    return (value) => {
      const validate = compiled()
      const odd = coerce ? oddNumbers(schema, value) : []
      const errors = [...toErrors(errorsOf(validate, value), { at, named }), ...(coerce ? infinities(value) : [])]
      return [...odd, ...errors.filter(({ path }) => odd.every((one) => one.path !== path))]
    }
  }
}

/** Finds a schema by its `$id`. */
type Named = (id: string) => unknown

/** Where in a request the value stands, and what its schema may refer to. */
type Place = { at: string; named: Named }

/** Some say the same as others, and are dropped. */
const collectedErrors = maxCountedErrors + 100

/** Ajv collects an error for each of a million unknown fields; its code is made to throw what it has once that is enough. */
const stopAtManyErrors = (code: string): string =>
  code.replaceAll(/vErrors\.push\((\w+)\)/g, `if(vErrors.push($1)>=${collectedErrors})throw vErrors`)

const errorsOf = (validate: ValidateFunction, value: unknown): readonly ErrorObject[] => {
  try {
    return validate(value) ? [] : (validate.errors ?? [])
  } catch (errors) {
    if (!Array.isArray(errors)) throw errors
    return errors
  }
}

/** How numbers of queries and paths are written; JavaScript also reads "0x1F", "0b1", " 7 ", and as a whole number "1e3". */
const spellings: Partial<Record<string, { pattern: RegExp; words: string }>> = {
  integer: { pattern: /^-?\d+$/, words: 'must be integer, in decimal digits' },
  number: { pattern: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, words: 'must be number, in decimal digits' },
}

/** Numbers that coercion would take, though nobody writes them so. */
const oddNumbers = (schema: object, value: unknown): ValidationError[] => {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.entries(value ?? {}).flatMap(([name, given]) => {
    const spelling = spellings[properties[name]?.type ?? '']
    if (!spelling || typeof given !== 'string' || spelling.pattern.test(given)) return []
    return [{ path: pointer(name), code: 'type', message: spelling.words, ...shown(given) }]
  })
}

/** Coercion takes "1e999" for a number, and then checks no range. */
const infinities = (value: unknown): ValidationError[] =>
  Object.entries(value ?? {})
    .filter(([, number]) => number === Infinity || number === -Infinity)
    .map(([name, number]) => ({ path: pointer(name), code: 'type', message: 'must be a finite number', ...shown(number) }))

/** Validation errors of one value for whose unknown names a known one is looked for. */
const hintedErrors = 20

/** What Ajv found, as validation errors: unions say one thing, and each place is named once per kind of validation error. */
const toErrors = (errors: readonly ErrorObject[], at: Place): ValidationError[] => {
  const seen = new Set<string>()
  return withoutUnionNoise(errors)
    .map((error, index) => toError(error, at, index < hintedErrors))
    .filter(({ path, code }) => {
      const key = `${path} ${code === 'discriminator' ? 'required' : code}`
      return !seen.has(key) && seen.add(key)
    })
}

/** `hints`: whether it is worth the time to look for what may have been meant. */
const toError = (error: ErrorObject, { at, named }: Place, hints: boolean): ValidationError => {
  const { keyword, instancePath, params, data } = error
  if (keyword === 'required') return { path: at + instancePath + pointer(params.missingProperty), code: 'required', message: 'is required' }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name: string = params.additionalProperty ?? params.unevaluatedProperty
    const known = Object.keys(error.parentSchema?.properties ?? {})
    return {
      path: at + instancePath + pointer(name),
      code: 'unknown_field',
      message: `is not a known field${hints ? didYouMean(name, known) : ''}`,
    }
  }
  if (keyword === 'discriminator') {
    const path = at + instancePath + pointer(params.tag)
    if (params.tagValue === undefined) return { path, code: 'required', message: 'is required' }
    return { path, code: 'enum', message: `must be one of ${tags(error, named).join(', ')}`, ...shown(params.tagValue) }
  }
  const path = at + instancePath || '/body'
  return {
    path,
    code: codes[keyword] ?? keyword,
    message: messageOf(error),
    ...shown(data),
  }
}

/** Of keywords that do not say by themselves what is wrong. */
const codes: Partial<Record<string, string>> = {
  const: 'enum',
  anyOf: 'enum',
  oneOf: 'enum',
  'false schema': 'overlap',
  [notBeforeKeyword]: 'minimum',
}

const messageOf = (error: ErrorObject): string => {
  const { keyword, params, message = 'is wrong', data } = error
  // JSON's 1e999 is a number, if none that JavaScript can hold.
  if (keyword === 'type' && (data === Infinity || data === -Infinity) && /number|integer/.test(String(params.type)))
    return 'must be a finite number'
  if (keyword === 'enum') return `must be one of ${params.allowedValues.map(quote).join(', ')}`
  // A pattern says nothing to people: its schema has a title that does.
  if (keyword === 'pattern') return `must be ${error.parentSchema?.title ?? 'of another form'}`
  if (keyword === 'format' && params.format === 'date-time') return 'must be a time of RFC 3339 with its zone, like "2026-07-28T12:00:00Z"'
  if (keyword === 'const') return `must be ${quote(params.allowedValue)}`
  if (keyword === 'false schema') return 'has no place beside what else is given: leave one of them out'
  if (keyword === 'anyOf' || keyword === 'oneOf') return `must be ${branches(error).map(expected).join(' or ')}`
  return message
}

const expected = (schema: Record<string, unknown>): string => {
  if ('const' in schema) return quote(schema.const)
  return String(schema.title ?? schema.type ?? 'something else')
}

const quote = (value: unknown): string => JSON.stringify(value)

const branches = ({ keyword, parentSchema }: ErrorObject): Record<string, unknown>[] => parentSchema?.[keyword] ?? []

type Branch = { $ref?: string; properties?: Record<string, { const?: unknown }> }

const tags = ({ params, parentSchema }: ErrorObject, named: Named): string[] =>
  (parentSchema?.oneOf ?? []).map((branch: Branch) => {
    const schema = branch.$ref === undefined ? branch : (named(branch.$ref) as Branch | undefined)
    return String(schema?.properties?.[params.tag]?.const)
  })

/**
 * A union reports every branch that did not fit. If one branch is of the value's type, its validation errors are what the
 * client wants to know; else the union itself is, as one validation error.
 */
const withoutUnionNoise = (errors: readonly ErrorObject[]): ErrorObject[] => {
  // `if` only repeats that its `then` or `else` did not fit.
  const dropped = new Set(errors.filter(({ keyword }) => keyword === 'if'))
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  for (const union of unions) {
    const inside = errors.filter((error) => error !== union && isInside(error, union))
    const fitting = branches(union)
      .map((_, index) => inside.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/${index}/`)))
      .filter(
        (branch) =>
          branch.length > 0 &&
          !branch.some((error) => error.instancePath === union.instancePath && /^(type|const|enum)$/.test(error.keyword)),
      )
    const kept = fitting.length === 1 ? fitting[0] : undefined
    if (kept) dropped.add(union)
    for (const error of inside) if (!kept?.includes(error)) dropped.add(error)
  }
  return errors.filter((error) => !dropped.has(error))
}

const isInside = (error: ErrorObject, union: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${union.schemaPath}/`) && `${error.instancePath}/`.startsWith(`${union.instancePath}/`)
