/**
 * What a config looks like once every default is filled in: of each schema that has defaults, and of each that refers to
 * one, a second, `Resolved…`, in which what had a default is always there. Answers hold these.
 */
import { type TSchema, Type } from 'typebox'
import { longestShown } from './page.schema.ts'

type Schema = { [keyword: string]: unknown }
type Named = TSchema & { $id?: string }
/** Schemas by their names. */
type Names = ReadonlyMap<string, Schema>

/** What is not repeated: keywords that hold for requests alone, and what a request's schema already describes. */
const limits = new Set([
  ...[
    'description',
    'default',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minLength',
    'maxLength',
    'published',
    'examples',
  ],
  ...['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'propertyNames', 'additionalProperties'],
])

/**
 * The resolved schemas of a named one and of all that it refers to, those left out that would say the same.
 * @param chosen fields that the service fills in without a default, by the name of their schema
 */
export const resolvedSchemas = (root: string, schemas: readonly Named[], chosen: Record<string, string[]> = {}): Named[] => {
  const named = new Map(schemas.map((schema) => [schema.$id ?? '', JSON.parse(JSON.stringify(schema)) as Schema]))
  const reached = reachedFrom(root, named)
  const differing = new Set([...reached].filter((name) => differs(named.get(name), named)))
  // A schema that refers to one that differs does so itself.
  for (let before = -1; before < differing.size; ) {
    before = differing.size
    for (const name of reached) if (refsOf(named.get(name)).some((other) => differing.has(other))) differing.add(name)
  }

  const resolve = (schema: Schema, more: readonly string[] = []): Schema => {
    const { if: condition, then: _then, else: otherwise, ...others } = schema
    // What may be left out of a config in one case of two is filled in too.
    const cases = 'properties' in schema ? others : schema
    const required = [...requiredOf(schema), ...requiredOf(condition ? otherwise : undefined), ...more]
    const entries = Object.entries(cases).filter(
      ([keyword, value]) => value !== undefined && (!limits.has(keyword) || isMap(keyword, value)),
    )
    return {
      ...Object.fromEntries(entries.map(([keyword, value]) => [keyword, resolveKeyword(keyword, value)])),
      ...('properties' in schema ? { required: sureOf(schema, required, named) } : {}),
    }
  }
  const resolveKeyword = (keyword: string, value: unknown): unknown => {
    if (keyword === '$ref') return differing.has(nameOf(value)) ? `Resolved${value}` : value
    if (keyword === 'properties')
      return Object.fromEntries(Object.entries(value as Schema).map(([name, inner]) => [name, resolve(inner as Schema)]))
    if (Array.isArray(value)) return value.map((inner) => (isSchema(inner) ? resolve(inner) : inner))
    return isSchema(value) && keyword !== 'discriminator' ? resolve(value) : value
  }

  return [...differing].map((name) => {
    const schema = resolve(named.get(name) ?? {}, chosen[name])
    const words = 'oneOf' in schema || name === root ? { description: `\`${name}\` with every default filled in.` } : {}
    return Type.Unsafe({ ...schema, ...words, $id: `Resolved${name}` })
  })
}

/**
 * The schemas of a config that was looked at but not stored: what the service would choose, by the name of its schema, is
 * there only if the request gave it.
 */
export const estimatedSchemas = (root: string, resolved: readonly Named[], chosen: Record<string, string[]>): Named[] => {
  const find = (name: string): Schema => ({ ...resolved.find(({ $id }) => $id === `Resolved${name}`) })
  const parts = Object.entries(chosen).map(([name, fields]) => {
    const schema = find(name)
    return Type.Unsafe({ ...schema, $id: `Estimated${name}`, required: requiredOf(schema).filter((field) => !fields.includes(field)) })
  })
  const properties = propertiesOf(find(root)).map(([field, schema]) => {
    const name = nameOf(schema.$ref).replace(/^Resolved/, '')
    return [field, name in chosen ? { ...schema, $ref: `Estimated${name}#` } : schema]
  })
  const config = { ...find(root), $id: `Estimated${root}`, properties: Object.fromEntries(properties) }
  return [...parts, Type.Unsafe(config)]
}

/** Whether a schema says what the fields of a map are, rather than that there are no others. */
const isMap = (keyword: string, value: unknown): boolean => keyword === 'additionalProperties' && isSchema(value)

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `Layer#` refers to `Layer`. */
const nameOf = (reference: unknown): string => String(reference).replace(/#$/, '')

/** All schemas right below one, whatever keyword they stand at; what only documents left out. */
const innerOf = (schema: unknown): unknown[] =>
  typeof schema === 'object' && schema !== null
    ? Object.entries(schema).flatMap(([keyword, inner]) => (['published', 'default', 'examples'].includes(keyword) ? [] : [inner]))
    : []

const refsOf = (schema: unknown): string[] => [
  ...(isSchema(schema) && typeof schema.$ref === 'string' ? [nameOf(schema.$ref)] : []),
  ...innerOf(schema).flatMap(refsOf),
]

const reachedFrom = (root: string, named: Names): Set<string> => {
  const reached = new Set([root])
  for (const name of reached) for (const other of refsOf(named.get(name))) reached.add(other)
  return reached
}

const requiredOf = (schema: unknown): string[] => (isSchema(schema) && Array.isArray(schema.required) ? schema.required : [])

const propertiesOf = ({ properties = {} }: Schema): [string, Schema][] => Object.entries(properties as Record<string, Schema>)

/** The fields that are always there: those that are required or have a default, and are never too long for a list. */
const sureOf = (schema: Schema, required: readonly string[], named: Names): string[] =>
  propertiesOf(schema).flatMap(([name, inner]) => ((required.includes(name) || 'default' in inner) && !isLong(inner, named) ? [name] : []))

const isLong = (schema: Schema, named: Names): boolean => {
  const { type, items, maxItems = Number.POSITIVE_INFINITY } = named.get(nameOf(schema.$ref)) ?? schema
  return type === 'array' && isSchema(items) && !('$ref' in items) && Number(maxItems) > longestShown
}

const differs = (schema: unknown, named: Names): boolean =>
  (isSchema(schema) &&
    'properties' in schema &&
    propertiesOf(schema).some(([name, inner]) => 'default' in inner || (requiredOf(schema).includes(name) && isLong(inner, named)))) ||
  innerOf(schema).some((inner) => differs(inner, named))
