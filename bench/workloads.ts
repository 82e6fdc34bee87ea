/** What is measured: jobs as configs, and their tables. */

/** Rows as both sides take them: flat float32, row-major. */
export type BenchTable = { rows: number; features: Float32Array; labels: Float32Array; inputs: number; inputShape?: number[] }

/** One measured job. */
export type Workload = {
  name: string
  /** One sentence for the table. */
  about: string
  /** Config without dataset. */
  config: {
    model: { layers: { type: string; [option: string]: unknown }[] }
    loss: { type: string }
    optimizer: { type: string; learningRate: number }
    training: { epochs: number; batchSize: number; seed: number }
    record: { gradients: string; weights: string }
  }
  table: () => BenchTable
  /** PyTorch's seconds divided by ours that the design asks for. */
  target?: number
}

/** Uniform numbers in [-1, 1): both sides read the same file, so quality matters less than the time to make 100 million. */
const uniforms = (count: number, seed: number): Float32Array => {
  const values = new Float32Array(count)
  let state = seed | 1
  for (let index = 0; index < count; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    values[index] = state / 2147483648
  }
  return values
}

const record = { gradients: 'full', weights: 'last' }

/** y = Xw + b + noise. */
export const linearTable = (rows: number, weights: Float32Array, bias: number, noise: number): BenchTable => {
  const inputs = weights.length
  const features = uniforms(rows * inputs, 7)
  const errors = uniforms(rows, 11)
  const labels = new Float32Array(rows)
  for (let row = 0; row < rows; row += 1) {
    let sum = bias + noise * (errors[row] ?? 0)
    for (let input = 0; input < inputs; input += 1) sum += (features[row * inputs + input] ?? 0) * (weights[input] ?? 0)
    labels[row] = sum
  }
  return { rows, features, labels, inputs }
}

/** Rows whose class is that of the largest of ten random projections. */
export const classTable = (rows: number, inputs: number, inputShape?: number[]): BenchTable => {
  const features = uniforms(rows * inputs, 3)
  const projections = uniforms(10 * inputs, 5)
  const labels = new Float32Array(rows)
  for (let row = 0; row < rows; row += 1) {
    let [best, largest] = [0, Number.NEGATIVE_INFINITY]
    for (let label = 0; label < 10; label += 1) {
      let sum = 0
      for (let input = 0; input < inputs; input += 1)
        sum += (features[row * inputs + input] ?? 0) * (projections[label * inputs + input] ?? 0)
      if (sum > largest) [best, largest] = [label, sum]
    }
    labels[row] = best
  }
  return { rows, features, labels, inputs, inputShape }
}

const sgd = (learningRate: number) => ({ type: 'sgd', learningRate })
const dense = (units: number, activation = 'linear') => ({ type: 'dense', units, activation })

/** A net of `hidden` layers of 256 units on 64 inputs and ten classes. */
export const mlp = (rows: number, hidden: number, epochs: number): Workload => ({
  name: 'mlp',
  about: `64-${'256-'.repeat(hidden)}10 with ReLU and cross-entropy, ${rows.toLocaleString('en')} rows, batch 256`,
  config: {
    model: { layers: [...Array.from({ length: hidden }, () => dense(256, 'relu')), dense(10)] },
    loss: { type: 'crossEntropy' },
    optimizer: sgd(0.1),
    training: { epochs, batchSize: 256, seed: 1 },
    record,
  },
  table: () => classTable(rows, 64),
  target: 1.2,
})

/** The jobs that are compared. */
export const workloads = (): Workload[] => [
  {
    name: 'notebook',
    about: "the notebook's linear regression: 1,000 rows, 2 features, batch 10, 3 epochs",
    config: {
      model: { layers: [dense(1)] },
      loss: { type: 'mse' },
      optimizer: sgd(0.03),
      training: { epochs: 3, batchSize: 10, seed: 42 },
      record,
    },
    table: () => linearTable(1000, Float32Array.of(2, -3.4), 4.2, 0.01),
    target: 4,
  },
  mlp(20_000, 2, 1),
  {
    name: 'wide',
    about: 'linear regression on 1,000,000 rows of 100 features, batch 1024',
    config: {
      model: { layers: [dense(1)] },
      loss: { type: 'mse' },
      optimizer: sgd(0.03),
      training: { epochs: 1, batchSize: 1024, seed: 1 },
      record,
    },
    table: () => linearTable(1_000_000, uniforms(100, 13), 1, 0.1),
    target: 1.5,
  },
  {
    name: 'conv',
    about: 'conv 8 and 16 (3×3, ReLU, max-pooled) and dense 10 on 6,000 images of 28×28, batch 128',
    config: {
      model: {
        layers: [
          { type: 'conv2d', filters: 8, kernelSize: 3, activation: 'relu' },
          { type: 'maxPool2d', poolSize: 2 },
          { type: 'conv2d', filters: 16, kernelSize: 3, activation: 'relu' },
          { type: 'maxPool2d', poolSize: 2 },
          { type: 'flatten' },
          dense(10),
        ],
      },
      loss: { type: 'crossEntropy' },
      optimizer: sgd(0.05),
      training: { epochs: 1, batchSize: 128, seed: 1 },
      record,
    },
    table: () => classTable(6000, 784, [28, 28, 1]),
    target: 1,
  },
]
