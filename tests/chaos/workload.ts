/** Ten kinds of jobs, each long enough to be met in its middle, and with results that are a function of the config alone. */
import type { Json } from '../support/e2e/api.ts'
import { createRandom } from './random.ts'

/** A job before it is sent. `data` is uploaded first, and its id goes into the config. */
export type Work = {
  config: Json
  data?: { type: string; query: string; body: string }
  /** The config is the base of a sweep over this grid. */
  grid?: Record<string, unknown[]>
  /** Its weights are where this one starts. */
  warmFrom?: string
  /** What a client does while it runs. */
  action?: 'pause'
}

const linear = (examples: number, seed: number) => ({
  synthetic: { kind: 'linear', weights: [2, -3.4, 0.7], bias: 4.2, examples, noiseStd: 0.01, seed },
})
const dense = (units: number, more: object = {}) => ({ type: 'dense', units, ...more })
const everything = { gradients: 'full', weights: 'everyEpoch' }
const lean = { gradients: 'norm', weights: 'last' }

/** A shuffled, ragged last batch under any optimizer. */
const regression = (optimizer: object, epochs: number, more: object = {}): Json => ({
  dataset: linear(2003, 5),
  model: { layers: [dense(8, { activation: 'tanh' }), dense(1)] },
  loss: { type: 'mse' },
  optimizer,
  training: { epochs, batchSize: 10, seed: 9 },
  record: lean,
  ...more,
})

const optimizers = [
  { type: 'sgd', learningRate: 0.002, momentum: 0.9 },
  { type: 'adamw', learningRate: 0.002, weightDecay: 0.01 },
  { type: 'rmsprop', learningRate: 0.001 },
  { type: 'adagrad', learningRate: 0.01 },
]

/** A table of decimal numbers with a label that follows from them, as CSV. */
const csvTable = (rows: number, seed: number): string => {
  const random = createRandom(seed, 'table')
  const lines = Array.from({ length: rows }, () => {
    const [a, b, c] = [random.next() * 10, random.next() * 200 - 100, random.next()]
    return `${a.toFixed(4)},${b.toFixed(3)},${c.toFixed(5)},${(0.3 * a - 0.02 * b + 2 * c).toFixed(4)}`
  })
  return ['a,b,c,y', ...lines].join('\n').concat('\n')
}

/** Images of 8×8 with one channel, bright in one quarter; the label says which. */
const images = (rows: number, seed: number): string => {
  const random = createRandom(seed, 'images')
  const labels = Array.from({ length: rows }, () => random.between(0, 3))
  const features = labels.map((label) =>
    Array.from({ length: 64 }, (_, at) => {
      const quarter = (Math.floor(at / 32) << 1) | (at % 8 >= 4 ? 1 : 0)
      return Number((random.next() + (quarter === label ? 0.6 : 0)).toFixed(3))
    }),
  )
  return JSON.stringify({ features, labels: labels.map((label) => [label]), inputShape: [8, 8, 1] })
}

const blobs = { synthetic: { kind: 'blobs', centers: 4, features: 6, clusterStd: 1.2, examples: 1500, seed: 3 } }

/** Every kind by its name; `variant` counts from 0. */
export const kinds: Record<string, (variant: number) => Work> = {
  notebook: (variant) => ({
    config: { ...regression({ type: 'sgd', learningRate: 0.03 }, 60 + variant), model: { layers: [dense(1)] }, record: everything },
  }),
  optimizers: (variant) => ({ config: regression(optimizers[variant % optimizers.length] ?? {}, 60) }),
  dropout: (variant) => ({
    config: {
      dataset: blobs,
      model: { layers: [dense(32, { activation: 'relu' }), { type: 'dropout', p: 0.3 }, dense(4)] },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'adam', learningRate: 0.003 },
      training: { epochs: 60, batchSize: 16, seed: 11 + variant },
      metrics: ['accuracy'],
      record: lean,
    },
  }),
  images: (variant) => ({
    data: { type: 'application/json', query: '', body: images(400, variant) },
    config: {
      model: {
        layers: [
          { type: 'conv2d', filters: 4, kernelSize: 3, padding: 'same' },
          { type: 'batchNorm' },
          { type: 'activation', activation: 'relu' },
          { type: 'maxPool2d', poolSize: 2 },
          { type: 'flatten' },
          dense(4),
        ],
      },
      loss: { type: 'crossEntropy' },
      optimizer: { type: 'adam', learningRate: 0.005 },
      training: { epochs: 25, batchSize: 16, seed: 21 + variant },
      record: lean,
    },
  }),
  stopping: (variant) => ({
    config: {
      ...regression({ type: 'adam', learningRate: 0.01 }, 200),
      schedule: { type: 'step', stepSize: 10, gamma: 0.7 },
      earlyStopping: { patience: 12, minDelta: 1e-5 },
      training: { epochs: 200, batchSize: 16, seed: 31 + variant, validationSplit: 0.2 },
    },
  }),
  standardized: (variant) => ({
    data: { type: 'text/csv', query: '?labels=y', body: csvTable(1200, variant) },
    config: {
      model: { layers: [dense(8, { activation: 'relu' }), dense(1)] },
      preprocessing: { standardize: true },
      loss: { type: 'huber' },
      optimizer: { type: 'sgd', learningRate: 0.01, momentum: 0.9 },
      training: { epochs: 60, batchSize: 8, seed: 41 + variant, validationSplit: 0.25 },
      metrics: ['rmse'],
      record: lean,
    },
  }),
  solved: (variant) => ({
    config: {
      dataset: linear(50_000, 51 + variant),
      model: { layers: [dense(1)] },
      loss: { type: 'mse' },
      solver: { type: 'leastSquares' },
    },
  }),
  sweep: (variant) => ({
    config: { ...regression({ type: 'sgd', learningRate: 0.01 }, 25), training: { epochs: 25, batchSize: 10, seed: 61 + variant } },
    grid: { 'optimizer.learningRate': [0.003, 0.01], 'training.batchSize': [10, 20] },
  }),
  warm: (variant) => ({
    config: { ...regression({ type: 'sgd', learningRate: 0.005 }, 60), training: { epochs: 60, batchSize: 10, seed: 71 + variant } },
    warmFrom: 'optimizers/0',
  }),
  paused: (variant) => ({
    config: { ...regression({ type: 'adam', learningRate: 0.002 }, 80 + variant), record: everything },
    action: 'pause',
  }),
}
