/** Training runs computed by PyTorch, turned into our layouts. */
import { readFileSync } from 'node:fs'
import type { Table } from './engine-jobs.ts'

type NumberTensor = { shape: number[]; values: number[] }
type Mapping = { name: string; reshape: number[] | null; axes: number[] | null; shape: number[] }
type Epoch = {
  epoch: number
  loss: number
  learningRate: number
  gradients: Record<string, NumberTensor>
  weights: Record<string, NumberTensor>
}

export type ReferenceRun = {
  name: string
  layers: object[]
  loss: object
  optimizer: object
  schedule: object | null
  gradientClipping: object | null
  batchSize: number
  features: NumberTensor
  featureAxes: number[] | null
  inputShape: number[] | null
  labels: NumberTensor
  parameters: Record<string, Mapping>
  initialWeights: Record<string, NumberTensor>
  epochs: Epoch[]
}

export const readReferenceRuns = (): ReferenceRun[] =>
  (JSON.parse(readFileSync(new URL('../fixtures/reference/training.json', import.meta.url), 'utf8')) as { runs: ReferenceRun[] }).runs

const sizeOf = (shape: number[]): number => shape.reduce((product, size) => product * size, 1)

const permute = ({ shape, values }: NumberTensor, axes: number[]): NumberTensor => {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const permuted: number[] = []
  const walk = (depth: number, at: number): void => {
    const axis = axes[depth]
    if (axis === undefined) permuted.push(values[at] ?? Number.NaN)
    else for (let index = 0; index < (shape[axis] ?? 0); index += 1) walk(depth + 1, at + index * (strides[axis] ?? 0))
  }
  walk(0, 0)
  return { shape: axes.map((axis) => shape[axis] ?? 0), values: permuted }
}

/** One of PyTorch's tensors under our name and in our layout. */
export const ours = (run: ReferenceRun, name: string, tensor: NumberTensor): NumberTensor & { name: string } => {
  const mapping = run.parameters[name]
  if (!mapping) throw new Error(`${run.name} does not map ${name}`)
  const reshaped = mapping.reshape ? { shape: mapping.reshape, values: tensor.values } : tensor
  return { name: mapping.name, shape: mapping.shape, values: (mapping.axes ? permute(reshaped, mapping.axes) : reshaped).values }
}

const rowsOf = ({ shape, values }: NumberTensor): number[][] => {
  const width = sizeOf(shape.slice(1))
  return Array.from({ length: shape[0] ?? 0 }, (_, row) => values.slice(row * width, (row + 1) * width))
}

export const tableOf = (run: ReferenceRun): Table => ({
  features: rowsOf(run.featureAxes ? permute(run.features, run.featureAxes) : run.features),
  labels: rowsOf(run.labels),
  ...(run.inputShape ? { inputShape: run.inputShape } : {}),
})

/** The run as a client would ask for it. */
export const requestOf = (run: ReferenceRun): object => {
  const weights = Object.entries(run.initialWeights).map(([name, tensor]) => ours(run, name, tensor))
  return {
    model: { layers: run.layers, initialWeights: Object.fromEntries(weights.map(({ name, shape, values }) => [name, { shape, values }])) },
    loss: run.loss,
    optimizer: run.optimizer,
    ...(run.schedule ? { schedule: run.schedule } : {}),
    ...(run.gradientClipping ? { gradientClipping: run.gradientClipping } : {}),
    training: { epochs: run.epochs.length, batchSize: run.batchSize, shuffle: false, seed: 1 },
    record: { gradients: 'full', weights: 'everyEpoch' },
  }
}
