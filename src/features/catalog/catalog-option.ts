/** An option of a catalog entry as the API shows it, out of the schema that validates it. */
import type { TProperties, TSchema } from 'typebox'
import type { CatalogOption } from '../../api/catalog.schema.ts'
import { componentOf } from '../../api/components.ts'
import { activationFamily } from '../../catalog/activations.ts'
import { mayBeLeftOut } from '../../catalog/definition.ts'
import { initializerFamily } from '../../catalog/initializers.ts'
import { ref } from '../../catalog/ref.ts'

type Schema = Record<string, unknown>

/** Whose types the value of an option is one of, by the reference in its schema. */
const families = new Map<unknown, CatalogOption['of']>([
  [referenceOf(ref(activationFamily.union)), 'activations'],
  [referenceOf(ref(initializerFamily.union)), 'initializers'],
])

const shown = ['default', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems', 'items', 'enum']

/** Names, defaults and ranges are those of the schema. */
export const describeOption = (option: TSchema): CatalogOption => {
  const given: Schema = { ...option }
  // What stands beside a reference counts more than what it refers to.
  const schema: Schema = { ...componentOf(given.$ref), ...given }
  const family = families.get(given.$ref ?? referenceOf(given.else))
  const kept = Object.entries(schema).filter(([keyword]) => shown.includes(keyword))
  return {
    description: String(schema.description),
    required: !mayBeLeftOut(option),
    type: family ? (given.if ? ['string', 'object'] : 'object') : typesOf(schema),
    ...Object.fromEntries(kept),
    ...wordsOf(schema),
    ...(family ? { of: family } : {}),
    ...(schema.properties && !family ? { properties: propertiesOf(schema.properties as TProperties) } : {}),
  }
}

const propertiesOf = (properties: TProperties): CatalogOption['properties'] =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, describeOption(schema)]))

const typesOf = ({ type, anyOf }: Schema) => (type ?? (Array.isArray(anyOf) ? anyOf[0]?.type : 'string')) as CatalogOption['type']

/** What there is to choose from, whether they are told as constants or by a pattern. */
const wordsOf = ({ anyOf, pattern }: Schema): Pick<CatalogOption, 'enum'> => {
  const words = typeof pattern === 'string' ? /^\^\((\w+(?:\|\w+)+)\)\$$/.exec(pattern)?.[1] : undefined
  if (words !== undefined) return { enum: words.split('|') }
  return Array.isArray(anyOf) ? { enum: anyOf.map((constant) => constant.const) } : {}
}

function referenceOf(schema: unknown): unknown {
  return typeof schema === 'object' && schema !== null && '$ref' in schema ? schema.$ref : undefined
}
