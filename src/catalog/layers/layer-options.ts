/** Options that several layers share. */
import { Type } from 'typebox'
import { type ActivationConfig, type ActivationType, activationCatalog } from '../activations.ts'
import { anyConfigSchema } from '../definition.ts'
import { type InitializerConfig, initializerCatalog } from '../initializers.ts'

const largest = 65_536

/** An activation by its name, or with options as `{type, …}`. */
export const activation = Type.Unsafe<ActivationType | ActivationConfig>({
  default: 'linear',
  description: 'Activation: a name, or an object with its type and options.',
  if: { type: 'string' },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { type: 'string', enum: Object.keys(activationCatalog) },
  else: anyConfigSchema(activationCatalog),
})

/** What fills a weight tensor at first; the default is PyTorch's for the layer. */
const initializer = (what: string, byDefault: InitializerConfig) =>
  Type.Unsafe<InitializerConfig>({ ...anyConfigSchema(initializerCatalog), default: byDefault, description: `Initial ${what}.` })

export const weightInitializer = initializer('weights', { type: 'fanInUniform' })
export const biasInitializer = initializer('biases', { type: 'fanInUniform' })
export const embeddingInitializer = initializer('vectors', { type: 'normal', mean: 0, std: 1 })

export const bias = Type.Boolean({ default: true, description: 'Whether a learned bias is added.' })

/** A size from 1. */
export const size = (description: string) => Type.Integer({ minimum: 1, maximum: largest, description })

/** A whole number for every spatial axis, or one per axis. */
export const perAxis = (axes: number, minimum: number, description: string, byDefault?: number) =>
  Type.Unsafe<number | number[]>({
    type: ['integer', 'array'],
    minimum,
    maximum: largest,
    items: { type: 'integer', minimum, maximum: largest },
    minItems: axes,
    maxItems: axes,
    description,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  })

/** What a window reads beyond the edges. */
export const padding = (axes: number) =>
  Type.Unsafe<number | number[] | 'valid' | 'same'>({
    type: ['integer', 'array', 'string'],
    minimum: 0,
    maximum: largest,
    items: { type: 'integer', minimum: 0, maximum: largest },
    minItems: axes,
    maxItems: axes,
    pattern: '^(valid|same)$',
    default: 0,
    description:
      "Cells added on both sides of each axis, for all axes or one number per axis; or 'valid' (none), 'same' (enough for ⌈size / stride⌉ outputs).",
  })
