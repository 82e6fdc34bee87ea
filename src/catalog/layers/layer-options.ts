/** Options that several layers share. */
import { Type } from 'typebox'
import { type ActivationConfig, type ActivationType, activationCatalog, activationFamily } from '../activations.ts'
import { type InitializerConfig, initializerFamily } from '../initializers.ts'
import { ref } from '../ref.ts'

const largest = 65_536

const activationNameSchema = Type.Unsafe<ActivationType>({
  $id: 'ActivationName',
  type: 'string',
  enum: Object.keys(activationCatalog),
  description: 'An activation with the defaults of its options.',
})

/** An activation by its name, or with options as `{type, …}`. */
export const activation = Type.Unsafe<ActivationType | ActivationConfig>({
  default: 'linear',
  description: 'Activation: a name, or an object with its type and options.',
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: ref(activationNameSchema),
  else: ref(activationFamily.union),
})

export const weightInitializer = initializer('weights', { type: 'fanInUniform' })
export const biasInitializer = initializer('biases', { type: 'fanInUniform' })
export const embeddingInitializer = initializer('vectors', { type: 'normal', mean: 0, std: 1 })

export const bias = Type.Boolean({ default: true, description: 'Whether a learned bias is added.' })

/** A size from 1. */
export const size = (description: string) => Type.Integer({ minimum: 1, maximum: largest, description })

const perAxisSchemas = ofAxes((axes) =>
  Type.Unsafe<number | number[]>({
    $id: `PerAxis${axes}d`,
    type: ['integer', 'array'],
    minimum: 1,
    maximum: largest,
    items: { type: 'integer', minimum: 1, maximum: largest },
    minItems: axes,
    maxItems: axes,
    description: 'A whole number for all spatial axes, or one per axis.',
  }),
)

const paddingSchemas = ofAxes((axes) =>
  Type.Unsafe<number | number[] | 'valid' | 'same'>({
    $id: `Padding${axes}d`,
    type: ['integer', 'array', 'string'],
    minimum: 0,
    maximum: largest,
    items: { type: 'integer', minimum: 0, maximum: largest },
    minItems: axes,
    maxItems: axes,
    pattern: '^(valid|same)$',
    title: 'a whole number, one for each axis, "valid" or "same"',
    description: "Cells for all axes or one number per axis; or 'valid' (none), 'same' (enough for ⌈size / stride⌉ outputs).",
  }),
)

/** Schemas with names that the options of layers refer to. */
export const layerOptionSchemas = [activationNameSchema, ...Object.values(perAxisSchemas), ...Object.values(paddingSchemas)]

/** A whole number from 1 for every spatial axis, or one per axis. */
export const perAxis = (axes: number, description: string, byDefault?: number) =>
  ref(schemaOf(perAxisSchemas, axes), { description, ...(byDefault === undefined ? {} : { default: byDefault }) })

/** What a window reads beyond the edges. */
export const padding = (axes: number) =>
  ref(schemaOf(paddingSchemas, axes), { default: 0, description: 'Cells added on both sides of each axis.' })

/** What fills a weight tensor at first; the default is PyTorch's for the layer. */
function initializer(what: string, byDefault: InitializerConfig) {
  return ref(initializerFamily.union, { default: byDefault, description: `Initial ${what}.` })
}

/** The schemas of a layer over so many spatial axes. */
function ofAxes<Schema>(make: (axes: number) => Schema): Record<number, Schema> {
  return Object.fromEntries([1, 2, 3].map((axes) => [axes, make(axes)]))
}

const schemaOf = <Schema>(schemas: Record<number, Schema>, axes: number): Schema => {
  const schema = schemas[axes]
  if (schema === undefined) throw new Error(`no layer has ${axes} spatial axes`)
  return schema
}
