/**
 * What a config looks like once every default is filled in: of each schema that has defaults, and of each that refers to
 * one, a second, `Resolved…`, in which what had a default is always there. Answers hold these.
 */
import { Type } from 'typebox'
import { longestShown } from './page.schema.ts'
import { isSchema, type Named, nameOf, type Schema } from './published.ts'

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
  const refs = new Map([...named].map(([name, schema]) => [name, refsOf(schema)]))
  const reached = reachedFrom(root, refs)
  const differing = new Set([...reached].filter((name) => differs(named.get(name), named)))
  // A schema that refers to one that differs does so itself.
  for (let before = -1; before < differing.size; ) {
    before = differing.size
    for (const name of reached) if (refs.get(name)?.some((other) => differing.has(other))) differing.add(name)
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
    if (keyword === '$ref') return differing.has(nameOf(String(value))) ? `Resolved${value}` : value
    if (keyword === 'properties')
      return Object.fromEntries(Object.entries(value as Schema).map(([name, inner]) => [name, resolve(inner as Schema)]))
    if (Array.isArray(value)) return value.map((inner) => (isSchema(inner) ? resolve(inner) : inner))
    return isSchema(value) && keyword !== 'discriminator' ? resolve(value) : value
  }

  return [...differing].map((name) => {
    const schema = resolve(named.get(name) ?? {}, chosen[name])
    const lacks = lacksLong(named.get(name) ?? {}, named)
    return Type.Unsafe({ ...schema, description: filledIn(name, lacks), $id: `Resolved${name}` })
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
    const required = requiredOf(schema).filter((field) => !fields.includes(field))
    return Type.Unsafe({ ...schema, $id: `Estimated${name}`, required, description: estimated(name) })
  })
  const properties = propertiesOf(find(root)).map(([field, schema]) => {
    const name = nameOf(schema.$ref).replace(/^Resolved/, '')
    return [field, name in chosen ? { ...schema, $ref: `Estimated${name}#` } : schema]
  })
  const config = { ...find(root), $id: `Estimated${root}`, properties: Object.fromEntries(properties), description: estimated(root) }
  return [...parts, Type.Unsafe(config)]
}

const filledIn = (name: string, lacksLong: boolean): string =>
  `\`${name}\` ${lacksLong ? 'in an answer; a list of resources leaves its long lists out.' : 'with every default filled in.'}`

const estimated = (name: string): string => `\`${name}\` with every default filled in, but what the service would choose.`

/** Whether a schema says what the fields of a map are, rather than that there are no others. */
const isMap = (keyword: string, value: unknown): boolean => keyword === 'additionalProperties' && isSchema(value)

/** All schemas right below one, whatever keyword they stand at; what only documents left out. */
const innerOf = (schema: unknown): unknown[] =>
  typeof schema === 'object' && schema !== null
    ? Object.entries(schema).flatMap(([keyword, inner]) => (['published', 'default', 'examples'].includes(keyword) ? [] : [inner]))
    : []

const refsOf = (schema: unknown): string[] => [
  ...(isSchema(schema) && typeof schema.$ref === 'string' ? [nameOf(schema.$ref)] : []),
  ...innerOf(schema).flatMap(refsOf),
]

const reachedFrom = (root: string, refs: ReadonlyMap<string, string[]>): Set<string> => {
  const reached = new Set([root])
  for (const name of reached) for (const other of refs.get(name) ?? []) reached.add(other)
  return reached
}

const requiredOf = (schema: unknown): string[] => (isSchema(schema) && Array.isArray(schema.required) ? schema.required : [])

const propertiesOf = ({ properties = {} }: Schema): [string, Schema][] => Object.entries(properties as Record<string, Schema>)

/** The fields that are always there: those that are required or have a default, and are never too long for a list. */
const sureOf = (schema: Schema, required: readonly string[], named: Names): string[] =>
  propertiesOf(schema).flatMap(([name, inner]) => ((required.includes(name) || 'default' in inner) && !isLong(inner, named) ? [name] : []))

/** Whether answers may lack a field that requests must have. */
const lacksLong = (schema: Schema, named: Names): boolean =>
  propertiesOf(schema).some(([name, inner]) => requiredOf(schema).includes(name) && isLong(inner, named))

const isLong = (schema: Schema, named: Names): boolean => {
  const { type, items, maxItems = Number.POSITIVE_INFINITY } = named.get(nameOf(schema.$ref)) ?? schema
  return type === 'array' && isSchema(items) && !('$ref' in items) && Number(maxItems) > longestShown
}

const differs = (schema: unknown, named: Names): boolean =>
  (isSchema(schema) &&
    'properties' in schema &&
    (lacksLong(schema, named) || propertiesOf(schema).some(([, inner]) => inner instanceof Object && 'default' in inner))) ||
  innerOf(schema).some((inner) => differs(inner, named))
