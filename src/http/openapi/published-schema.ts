/**
 * Schemas as the OpenAPI document has them. They are the schemas that validate; what generators of clients cannot read is
 * said in other words: a condition as the union of its cases, types in a list as one schema each, a default in words.
 */
import { isSchema, nameOf, type Schema } from '../../api/published.ts'

/** Keywords that hold a schema, a list of schemas, or schemas by name. */
const single = ['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else', 'published']
const lists = ['oneOf', 'anyOf', 'allOf']
const maps = ['properties', 'patternProperties']

/** A schema, and all within it, as it is published; `schemas` are those by name. */
export const publishedSchema = (schema: Schema, schemas: Record<string, Schema>): Schema => {
  const published = (inner: unknown): unknown => (isSchema(inner) ? publishedSchema(inner, schemas) : inner)
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (single.includes(keyword)) return [keyword, published(value)]
    if (lists.includes(keyword) && Array.isArray(value)) return [keyword, value.map(published)]
    if (maps.includes(keyword) && isSchema(value))
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, published(inner)]))]
    return [keyword, keyword === '$ref' ? `#/components/schemas/${nameOf(String(value))}` : value]
  })
  const steps = [
    asPublished,
    withoutAnyName,
    withoutCondition,
    withoutTypeList,
    withEnum,
    withMapping(schemas),
    withDefaultInWords(schemas),
  ]
  return steps.reduce((result, step) => step(result), Object.fromEntries(entries) as Schema)
}

/** What clients read of a schema in place of what validates. */
export const asPublished = (schema: Schema): Schema =>
  isSchema(schema.published) ? { ...annotationsOf(schema), ...schema.published } : schema

/** What describes a schema, beside what it allows. */
const annotations = ['title', 'description', 'default', 'examples']
const annotationsOf = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => annotations.includes(keyword)))

/** Fields of any name. */
const withoutAnyName = (schema: Schema): Schema => {
  const { patternProperties, ...rest } = schema
  return isSchema(patternProperties) && '^.*$' in patternProperties ? { ...rest, additionalProperties: patternProperties['^.*$'] } : schema
}

/** `if` with both cases: each says by itself what it takes. */
const withoutCondition = (schema: Schema): Schema =>
  'if' in schema ? { ...annotationsOf(schema), oneOf: [schema.then, schema.else] } : schema

/** Which keywords speak of which types. */
const keywordsOf: Record<string, string[]> = {
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
}

const withoutTypeList = (schema: Schema): Schema => {
  if (!Array.isArray(schema.type)) return schema
  const oneOf = schema.type.map((type: string) =>
    withEnum({ type, ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => keywordsOf[type]?.includes(keyword))) }),
  )
  return { ...annotationsOf(schema), oneOf }
}

/** Constants to choose from, and patterns of nothing but words, as one list. */
const withEnum = (schema: Schema): Schema => {
  const words = typeof schema.pattern === 'string' ? /^\^\((\w+(?:\|\w+)+)\)\$$/.exec(schema.pattern)?.[1] : undefined
  if (words !== undefined) {
    const { pattern: _pattern, ...rest } = schema
    return { ...rest, enum: words.split('|') }
  }
  if (!Array.isArray(schema.anyOf)) return schema
  const constants = schema.anyOf.filter((branch) => isSchema(branch) && typeof branch.const === 'string')
  if (constants.length < 2) return schema
  const list = { type: 'string', enum: constants.map((branch) => branch.const) }
  const others = schema.anyOf.filter((branch) => !constants.includes(branch))
  const { anyOf: _anyOf, ...rest } = schema
  return others.length === 0 ? { ...rest, ...list } : { ...rest, anyOf: [...others, list] }
}

/** Which value of the discriminator means which schema. The cases say themselves that they have it. */
const withMapping =
  (schemas: Record<string, Schema>) =>
  (schema: Schema): Schema => {
    const { discriminator, required: _required, ...rest } = schema
    if (!isSchema(discriminator) || !Array.isArray(schema.oneOf)) return schema
    const tag = String(discriminator.propertyName)
    const mapping = schema.oneOf.map(({ $ref }: Schema) => [tagOf(schemas[nameOf($ref)], tag), $ref])
    return { ...rest, discriminator: { propertyName: tag, mapping: Object.fromEntries(mapping) } }
  }

const tagOf = (schema: Schema | undefined, tag: string): string => {
  const { [tag]: property } = (schema?.properties ?? {}) as Record<string, Schema | undefined>
  const [only] = Array.isArray(property?.enum) ? property.enum : [property?.const]
  if (typeof only !== 'string') throw new Error(`a schema of the union lacks the constant ${tag}`)
  return only
}

/**
 * A default in the description, for people, and as `x-default`, for programs. As `default` it would make generators of
 * types demand the field: they take a schema for one that answers are read with. Beside a reference the description is that
 * of what it refers to, which it would hide.
 */
const withDefaultInWords =
  (schemas: Record<string, Schema>) =>
  (schema: Schema): Schema => {
    if (!('default' in schema)) return schema
    const { default: value, description = schemas[nameOf(schema.$ref)]?.description, ...rest } = schema
    const words = `Default: \`${JSON.stringify(value)}\`.`
    return { ...rest, description: typeof description === 'string' ? `${description} ${words}` : words, 'x-default': value }
  }
