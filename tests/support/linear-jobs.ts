/** Small jobs that engines are tested with. */
import { createStream } from '../../src/numerics/random.ts'
import type { Table } from './engine-jobs.ts'

/** y = 2·x₁ − 3.4·x₂ + 4.2 with a little noise. */
export const linearTable = (rows: number): Table => {
  const normals = createStream({ seed: 7, purpose: 'data' }).normals(rows * 3)
  const at = (row: number, column: number): number => normals[row * 3 + column] ?? 0
  const numbers = Array.from({ length: rows }, (_, row) => row)
  return {
    features: numbers.map((row) => [at(row, 0), at(row, 1)]),
    labels: numbers.map((row) => [2 * at(row, 0) - 3.4 * at(row, 1) + 4.2 + 0.01 * at(row, 2)]),
  }
}

/** The notebook's job. */
export const linear = {
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 3, batchSize: 10, seed: 42 },
  record: { gradients: 'full', weights: 'everyEpoch' },
}

/** Everything that a checkpoint must carry: slots, running statistics, dropout, a schedule with memory, early stopping. */
export const demanding = {
  model: {
    layers: [
      { type: 'dense', units: 6 },
      { type: 'batchNorm' },
      { type: 'activation', activation: 'relu' },
      { type: 'dropout', p: 0.3 },
      { type: 'dense', units: 1 },
    ],
  },
  loss: { type: 'huber' },
  optimizer: { type: 'adam', learningRate: 0.05, amsgrad: true },
  schedule: { type: 'reduceOnPlateau', factor: 0.5, patience: 0, threshold: 0.5 },
  gradientClipping: { norm: 1 },
  earlyStopping: { patience: 50 },
  training: { epochs: 3, batchSize: 16, seed: 3, validationSplit: 0.2 },
  record: { gradients: 'full', weights: 'everyEpoch' },
}
