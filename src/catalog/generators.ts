/**
 * Synthetic data: what a client may ask for in place of an upload, as `{synthetic: {kind, ...options}}`. Meanings
 * are scikit-learn's if it has such a generator. How the rows are made lies in features/datasets/generators.
 */
import { type Static, type TProperties, Type } from 'typebox'
import { type ConfigOfAny, type Definition, schemaFamily } from './definition.ts'

const finite = (description: string, byDefault: number) => Type.Number({ minimum: -1e12, maximum: 1e12, default: byDefault, description })

const weights = Type.Array(Type.Number({ minimum: -1e12, maximum: 1e12 }), {
  minItems: 1,
  maxItems: 10_000,
  description: 'True weights, one per feature.',
})
const bias = finite('True bias.', 0)
const examples = Type.Integer({ minimum: 1, maximum: 10_000_000, default: 1000, description: 'Number of rows.' })
const noiseStd = (what: string, byDefault = 0.01) =>
  Type.Number({ minimum: 0, maximum: 1e12, default: byDefault, description: `Standard deviation of the normal noise added to ${what}.` })
const seed = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  default: 0,
  description: 'Seed of the rows: the same spec always means the same rows.',
})
const low = finite('Smallest x.', -1)
const high = finite('Largest x; above `low`.', 1)

const define = <Kind extends string, Options extends TProperties>(type: Kind, summary: string, options: Options, source?: string) =>
  ({ type, summary, options, source }) satisfies Definition

/** Every generator by its kind. */
export const generatorCatalog = {
  linear: define(
    'linear',
    'Features X from N(0, 1); labels y = Xw + b plus normal noise.',
    { weights, bias, examples, noiseStd: noiseStd('the labels'), seed },
    "Dive into Deep Learning, 'Linear Regression Implementation from Scratch', synthetic_data",
  ),
  polynomial: define('polynomial', 'One feature x, uniform between low and high; y = c0 + c1 x + c2 x² + … plus normal noise.', {
    coefficients: Type.Array(Type.Number({ minimum: -1e12, maximum: 1e12 }), {
      minItems: 1,
      maxItems: 64,
      description: 'True coefficients, constant term first.',
    }),
    low,
    high,
    examples,
    noiseStd: noiseStd('the labels'),
    seed,
  }),
  sine: define('sine', 'One feature x, uniform between low and high; y = amplitude sin(frequency x + phase) + offset plus normal noise.', {
    amplitude: finite('Half the distance between crest and trough.', 1),
    frequency: finite('Angular frequency, in radians per unit of x.', 1),
    phase: finite('Phase, in radians.', 0),
    offset: finite('Mean of the wave.', 0),
    low: finite('Smallest x.', -Math.PI),
    high: finite('Largest x; above `low`.', Math.PI),
    examples,
    noiseStd: noiseStd('the labels'),
    seed,
  }),
  logistic: define('logistic', 'Features X from N(0, 1); a label is 1 with probability sigmoid(Xw + b), else 0.', {
    weights,
    bias,
    examples,
    seed,
  }),
  blobs: define(
    'blobs',
    'Normal clouds around centers drawn uniformly from a box; the label is the index of the center. Classes are as even as they can be.',
    {
      centers: Type.Integer({ minimum: 1, maximum: 1000, default: 3, description: 'Number of clouds, and so of classes.' }),
      features: Type.Integer({ minimum: 1, maximum: 10_000, default: 2, description: 'Number of features.' }),
      clusterStd: Type.Number({ minimum: 0, maximum: 1e12, default: 1, description: 'Standard deviation of each cloud.' }),
      low: finite('Lower side of the box that holds the centers.', -10),
      high: finite('Upper side of that box; above `low`.', 10),
      examples,
      seed,
    },
    'sklearn.datasets.make_blobs',
  ),
  moons: define(
    'moons',
    'Two interleaving half circles; label 0 is the upper one.',
    { examples, noiseStd: noiseStd('both coordinates', 0.1), seed },
    'sklearn.datasets.make_moons',
  ),
  circles: define(
    'circles',
    'A circle inside a circle; label 0 is the outer one, of radius 1.',
    {
      factor: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.8, description: 'Radius of the inner circle.' }),
      examples,
      noiseStd: noiseStd('both coordinates', 0.05),
      seed,
    },
    'sklearn.datasets.make_circles',
  ),
  spirals: define('spirals', 'Arms that wind out from the origin to radius 1, one per class.', {
    classes: Type.Integer({ minimum: 2, maximum: 100, default: 2, description: 'Number of arms.' }),
    turns: Type.Number({ minimum: 0, maximum: 100, default: 1, description: 'How often an arm winds around the origin.' }),
    examples,
    noiseStd: noiseStd('both coordinates', 0.02),
    seed,
  }),
  friedman1: define(
    'friedman1',
    'Features uniform in [0, 1); y = 10 sin(π x1 x2) + 20 (x3 − 0.5)² + 10 x4 + 5 x5 plus normal noise; further features do not matter.',
    {
      features: Type.Integer({ minimum: 5, maximum: 10_000, default: 10, description: 'Number of features, at least 5.' }),
      examples,
      noiseStd: noiseStd('the labels', 1),
      seed,
    },
    'sklearn.datasets.make_friedman1; Friedman (1991), Multivariate Adaptive Regression Splines',
  ),
} as const

/** `linear`, `polynomial`, … */
export type GeneratorKind = keyof typeof generatorCatalog

/** A synthetic spec with every default filled in. */
export type SyntheticSpec = ConfigOfAny<typeof generatorCatalog, 'kind'>

/** The spec of one kind. */
export type SpecOf<Kind extends GeneratorKind> = { kind: Kind } & Static<
  ReturnType<typeof Type.Object<(typeof generatorCatalog)[Kind]['options']>>
>

/** The schemas of `synthetic` in requests. */
export const generatorFamily = schemaFamily('Generator', generatorCatalog, {
  tag: 'kind',
  description: 'Data that the service generates by itself.',
})
