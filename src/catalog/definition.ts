/**
 * What a catalog entry is: a type's name, a sentence, and its options with defaults and ranges. Validation, the
 * OpenAPI document, `GET /v1/catalog` and the engine all read the same entries.
 */
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { ref } from './ref.ts'

/** One entry of the catalog. Options are TypeBox schemas, each with a description and, unless it must be given, a default. */
export type Definition<Options extends TProperties = TProperties> = {
  type: string
  /** One sentence: what it computes. */
  summary: string
  options: Options
  /** Where the definition comes from, e.g. the name of PyTorch's class. */
  source?: string
}

/** Union of the configs of a registry `{type: entry}`, each with its options, every default filled in. */
export type ConfigOfAny<Registry extends Record<string, Definition>, Tag extends string = 'type'> = {
  [Key in keyof Registry]: { [Name in Tag]: Key } & Static<TObject<Registry[Key]['options']>>
}[keyof Registry]

/** Whether a config need not give an option. */
export const mayBeLeftOut = (schema: TSchema): boolean => 'default' in schema || Type.IsOptional(schema)

/**
 * An object schema whose properties with a default may be left out of a request, while the static type has them
 * all: validation fills them in.
 */
export const objectWithDefaults = <Properties extends TProperties>(properties: Properties, annotations: Record<string, unknown> = {}) =>
  Type.Unsafe<Static<TObject<Properties>>>({
    type: 'object',
    properties,
    required: Object.entries(properties).flatMap(([name, schema]) => (mayBeLeftOut(schema) ? [] : [name])),
    additionalProperties: false,
    ...annotations,
  })

/**
 * The named schemas of a registry's configs: `LayerDense`, `LayerFlatten`, … in `schemas`, and with them their `union`,
 * `Layer`, told apart by the property `tag`, so that validation errors name the option and not the union.
 */
export const schemaFamily = <Registry extends Record<string, Definition>, Tag extends string = 'type'>(
  name: string,
  registry: Registry,
  { tag = 'type' as Tag, description }: { tag?: Tag; description: string },
) => {
  const members = Object.values(registry).map((entry) => ({ $id: name + capitalized(entry.type), ...configSchema(entry, tag) }))
  const union = Type.Unsafe<ConfigOfAny<Registry, Tag>>({
    $id: name,
    type: 'object',
    required: [tag],
    discriminator: { propertyName: tag },
    oneOf: members.map((member) => ref(member)),
    description,
  })
  return { union, schemas: [...members, union] }
}

/** Every option's default, by name: what validation fills in. */
export const defaultsOf = (entry: Pick<Definition, 'options'>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry.options).flatMap(([name, schema]) => ('default' in schema ? [[name, schema.default]] : [])))

/** The schema of one entry's config: `{type, ...options}`; `tag` names the property that says the type. */
const configSchema = (entry: Definition, tag: string) =>
  objectWithDefaults({ [tag]: Type.Literal(entry.type), ...entry.options }, { description: entry.summary })

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
