/** Initializers, which fill a weight tensor from a random stream: what one is, each of them, and the list. */

import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { lastOf, present } from '../numerics/must.ts'
import { orthonormalColumns } from '../numerics/qr.ts'
import type { RandomStream } from '../numerics/random.ts'
import { sizeOf } from '../numerics/shape.ts'
import { truncatedNormalQuantile } from '../numerics/truncated-normal.ts'
import { type ConfigOfAny, type Definition, schemaFamily } from './definition.ts'
import { expectsFans, filledWith, normalWith, uniformWithin, type WeightPlan } from './fill-weights.ts'
import { gainOf, nonlinearities } from './gains.ts'
import type { OptionConflict } from './option-conflict.ts'

type Initializer<Options extends TProperties = TProperties> = Definition<Options> & {
  /** Shapes that it cannot fill are refused: what is expected instead. */
  expects?(shape: readonly number[]): string | undefined
  /** Whether that holds only for a tensor on its own: a layer's bias has the fans of its weight. */
  fillsBiases?: boolean
  /** Options, each in its range, that cannot go together are refused: which one, and what is expected of it. */
  conflict?(options: Static<TObject<Options>>): OptionConflict | undefined
  /** The values, flat and row-major. */
  fill(weight: WeightPlan, stream: RandomStream, options: Static<TObject<Options>>): Float32Array
}

const gain = spread(1, 'Factor for what follows the layer; see the gains.')

const normal = defineInitializer({
  type: 'normal',
  summary: 'Values from N(mean, std²).',
  source: 'torch.nn.init.normal_',
  options: { mean: finite(0, 'Mean.'), std: spread(1, 'Standard deviation.') },
  fill: (weight, stream, { mean, std }) => normalWith(mean, std, weight, stream),
})

const uniform = defineInitializer({
  type: 'uniform',
  summary: 'Values uniform between a and b.',
  source: 'torch.nn.init.uniform_',
  options: { a: finite(0, 'Lower bound.'), b: finite(1, 'Upper bound.') },
  conflict: crossedBounds,
  fill: (weight, stream, { a, b }) => filledWith(weight, stream.uniforms, (value) => a + (b - a) * value),
})

const constant = defineInitializer({
  type: 'constant',
  summary: 'One value everywhere.',
  source: 'torch.nn.init.constant_',
  options: { val: finite(0, 'The value.') },
  fill: ({ shape }, _stream, { val }) => new Float32Array(sizeOf(shape)).fill(val),
})

const zeros = defineInitializer({
  type: 'zeros',
  summary: 'Zeros.',
  source: 'torch.nn.init.zeros_',
  options: {},
  fill: ({ shape }) => new Float32Array(sizeOf(shape)),
})

const ones = defineInitializer({
  type: 'ones',
  summary: 'Ones.',
  source: 'torch.nn.init.ones_',
  options: {},
  fill: ({ shape }) => new Float32Array(sizeOf(shape)).fill(1),
})

const fanInUniform = defineInitializer({
  type: 'fanInUniform',
  summary: "Uniform within ±1/√fanIn: PyTorch's default for weights and biases of dense and convolution layers.",
  source: 'torch.nn.Linear.reset_parameters',
  options: {},
  expects: expectsFans,
  fillsBiases: true,
  fill: (weight, stream) => uniformWithin(1 / Math.sqrt(weight.fanIn), weight, stream),
})

const xavierUniform = defineInitializer({
  type: 'xavierUniform',
  summary: 'Uniform within ±gain · √(6 / (fanIn + fanOut)).',
  source: 'torch.nn.init.xavier_uniform_',
  options: { gain },
  expects: expectsFans,
  fill: (weight, stream, options) => uniformWithin(options.gain * Math.sqrt(6 / (weight.fanIn + weight.fanOut)), weight, stream),
})

const xavierNormal = defineInitializer({
  type: 'xavierNormal',
  summary: 'Normal with mean 0 and standard deviation gain · √(2 / (fanIn + fanOut)).',
  source: 'torch.nn.init.xavier_normal_',
  options: { gain },
  expects: expectsFans,
  fill: (weight, stream, options) => normalWith(0, options.gain * Math.sqrt(2 / (weight.fanIn + weight.fanOut)), weight, stream),
})

const kaimingOptions = {
  mode: Type.Union([Type.Literal('fanIn'), Type.Literal('fanOut')], {
    default: 'fanIn',
    description: 'Which count is kept in scale: fanIn the variance of activations, fanOut that of gradients.',
  }),
  nonlinearity: Type.Union(
    nonlinearities.map((name) => Type.Literal(name)),
    { default: 'leakyRelu', description: 'What follows the layer: its gain is the factor.' },
  ),
  slope: finite(0, 'Slope below zero; only leakyRelu looks at it.'),
}

type KaimingOptions = { mode: 'fanIn' | 'fanOut'; nonlinearity: (typeof nonlinearities)[number]; slope: number }

const kaimingUniform = defineInitializer({
  type: 'kaimingUniform',
  summary: 'Uniform within ±gain · √(3 / fan).',
  source: 'torch.nn.init.kaiming_uniform_',
  options: kaimingOptions,
  expects: expectsFans,
  fill: (weight, stream, options) => uniformWithin(Math.sqrt(3) * kaimingStd(weight, options), weight, stream),
})

const kaimingNormal = defineInitializer({
  type: 'kaimingNormal',
  summary: 'Normal with mean 0 and standard deviation gain / √fan.',
  source: 'torch.nn.init.kaiming_normal_',
  options: kaimingOptions,
  expects: expectsFans,
  fill: (weight, stream, options) => normalWith(0, kaimingStd(weight, options), weight, stream),
})

const truncatedNormal = defineInitializer({
  type: 'truncatedNormal',
  summary: 'Values from N(mean, std²) that lie between a and b.',
  source: 'torch.nn.init.trunc_normal_',
  options: {
    mean: finite(0, 'Mean before cutting.'),
    std: Type.Number({ exclusiveMinimum: 0, maximum: 1e6, default: 1, description: 'Standard deviation before cutting, above 0.' }),
    a: finite(-2, 'Smallest value.'),
    b: finite(2, 'Largest value.'),
  },
  conflict: crossedBounds,
  fill: (weight, stream, options) => filledWith(weight, stream.uniforms, truncatedNormalQuantile(options)),
})

const orthogonal = defineInitializer({
  type: 'orthogonal',
  summary: 'gain times a random orthogonal matrix, all inputs of the kernel by outputs: its shorter side is orthonormal.',
  source: 'torch.nn.init.orthogonal_',
  options: { gain },
  expects: expectsFans,
  fill: ({ shape }, stream, options) => {
    const columns = lastOf(shape)
    const rows = sizeOf(shape) / columns
    const tall = rows >= columns
    const [long, short] = tall ? [rows, columns] : [columns, rows]
    const basis = orthonormalColumns(stream.normals(long * short), long, short)
    return Float32Array.from({ length: rows * columns }, (_, position) => {
      const row = Math.floor(position / columns)
      const column = position % columns
      return options.gain * present(basis[tall ? row * short + column : column * short + row])
    })
  },
})

const eye = defineInitializer({
  type: 'eye',
  summary: 'Ones on the diagonal of a matrix, zeros elsewhere: a dense layer passes its inputs on.',
  source: 'torch.nn.init.eye_',
  options: {},
  expects: (shape) => (shape.length === 2 ? undefined : 'exactly two axes, [in, out]'),
  fill: ({ shape }) => {
    const columns = lastOf(shape)
    return Float32Array.from({ length: sizeOf(shape) }, (_, position) => (Math.floor(position / columns) === position % columns ? 1 : 0))
  },
})

/** Every initializer by its type. */
export const initializerCatalog = {
  normal,
  uniform,
  constant,
  zeros,
  ones,
  fanInUniform,
  xavierUniform,
  xavierNormal,
  kaimingUniform,
  kaimingNormal,
  truncatedNormal,
  orthogonal,
  eye,
}

export type InitializerConfig = ConfigOfAny<typeof initializerCatalog>

export const initializerFamily = schemaFamily('Initializer', initializerCatalog, { description: 'What fills a weight tensor at first.' })

/** The first values of a weight tensor, flat and row-major: a pure function of config, shape, fans and stream. */
export const initialValues = (config: InitializerConfig, weight: WeightPlan, stream: RandomStream): Float32Array => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.fill(weight, stream, config)
}

/** What shape an initializer expects, if it cannot fill this one. */
export const shapeExpectedBy = (config: InitializerConfig, shape: readonly number[]): string | undefined => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.expects?.(shape)
}

/** What shape an initializer of a layer expects of the parameter that it fills, if it cannot fill this one. */
export const parameterShapeExpectedBy = (config: InitializerConfig, shape: readonly number[]): string | undefined => {
  const { fillsBiases, expects }: Initializer = initializerCatalog[config.type]
  return fillsBiases ? undefined : expects?.(shape)
}

/** Which of an initializer's options does not go with the others, if one does not. */
export const optionConflict = (config: InitializerConfig): OptionConflict | undefined => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.conflict?.(config)
}

/** Names the types of an initializer's options. */
function defineInitializer<const Options extends TProperties, const Type extends string>(
  initializer: Initializer<Options> & { type: Type },
): Initializer<Options> & { type: Type } {
  return initializer
}

/** Bounds a and b the wrong way round. */
function crossedBounds({ a, b }: { a: number; b: number }): OptionConflict | undefined {
  return a <= b ? undefined : { option: 'b', message: `must be at least a, which is ${a}`, value: b }
}

/** A finite option. */
function finite(byDefault: number, description: string) {
  return Type.Number({ minimum: -1e6, maximum: 1e6, default: byDefault, description })
}

function spread(byDefault: number, description: string) {
  return Type.Number({ minimum: 0, maximum: 1e6, default: byDefault, description })
}

/** gain / √fan */
const kaimingStd = (weight: WeightPlan, { mode, nonlinearity, slope }: KaimingOptions): number =>
  gainOf(nonlinearity, slope) / Math.sqrt(weight[mode])
