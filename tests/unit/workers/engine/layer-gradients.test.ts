import { describe, it } from 'node:test'
import type { Tensor, Tensors } from '../../../../src/catalog/ops.ts'
import type { Plan } from '../../../../src/contracts/plan.ts'
import { createStream } from '../../../../src/numerics/random.ts'
import { createBackendOps } from '../../../../workers/engine/backends/backend-ops.ts'
import type { LoadedBackend } from '../../../../workers/engine/backends/load-backend.ts'
import { sliceRows, tableOf } from '../../../../workers/engine/step/batches.ts'
import { createMasks } from '../../../../workers/engine/step/masks.ts'
import { createStep } from '../../../../workers/engine/step/step.ts'
import { unwrap } from '../../../../workers/engine/step/tape.ts'
import { openTrainingTensors } from '../../../../workers/engine/step/training-tensors.ts'
import { assertClose } from '../../../support/close.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'
import { planJob } from '../../../support/engine-jobs.ts'

const rows = 4

/** A small step for the loss's float32: its error then stays below the tolerance. */
const nudge = 2e-2

/** What lies under a layer sees its gradient by its input; dense layers make any output one number. */
const cases: Record<string, { inputShape: number[]; layers: object[]; indices?: number }> = {
  'dense on a longer axis': { inputShape: [3, 4], layers: [{ type: 'dense', units: 5, activation: 'tanh' }] },
  'conv1d with stride and padding': {
    inputShape: [7, 2],
    layers: [conv(1, 2), { type: 'conv1d', filters: 3, kernelSize: 3, strides: 2, padding: 1 }],
  },
  'conv1d, dilated': { inputShape: [9, 2], layers: [conv(1, 2), { type: 'conv1d', filters: 3, kernelSize: 3, dilation: 2 }] },
  'conv2d with stride': {
    inputShape: [6, 5, 2],
    layers: [conv(2, 2), { type: 'conv2d', filters: 3, kernelSize: [3, 2], strides: [2, 1] }],
  },
  'conv2d of one cell, strides that differ': {
    inputShape: [6, 6, 3],
    layers: [conv(2, 3), { type: 'conv2d', filters: 5, kernelSize: 1, strides: [2, 1] }],
  },
  'conv1d of one cell with stride and padding': {
    inputShape: [6, 2],
    layers: [conv(1, 2), { type: 'conv1d', filters: 3, kernelSize: 1, strides: 3, padding: 1 }],
  },
  "conv2d with padding 'same' and stride": {
    inputShape: [5, 5, 2],
    layers: [conv(2, 2), { type: 'conv2d', filters: 2, kernelSize: 3, strides: 2, padding: 'same' }],
  },
  'conv2d, dilated': { inputShape: [6, 6, 1], layers: [conv(2, 2), { type: 'conv2d', filters: 2, kernelSize: 2, dilation: [2, 3] }] },
  conv3d: { inputShape: [3, 4, 3, 2], layers: [conv(3, 2), { type: 'conv3d', filters: 2, kernelSize: 2, strides: [1, 2, 1], padding: 1 }] },
  'maxPool1d, windows that overlap': { inputShape: [8, 2], layers: [conv(1, 2), { type: 'maxPool1d', poolSize: 3, strides: 2 }] },
  'maxPool2d, values below zero': {
    inputShape: [5, 5, 1],
    layers: [conv(2, 2, -3), { type: 'maxPool2d', poolSize: 2, strides: 2, padding: 1 }],
  },
  'maxPool3d, values below zero': { inputShape: [4, 4, 4, 1], layers: [conv(3, 2, -3), { type: 'maxPool3d', poolSize: 2 }] },
  avgPool1d: { inputShape: [6, 2], layers: [conv(1, 2), { type: 'avgPool1d', poolSize: 3, strides: 1, padding: 1 }] },
  avgPool2d: { inputShape: [5, 4, 1], layers: [conv(2, 2), { type: 'avgPool2d', poolSize: 2, padding: 1 }] },
  avgPool3d: { inputShape: [4, 3, 4, 1], layers: [conv(3, 2), { type: 'avgPool3d', poolSize: [2, 3, 2], strides: 1 }] },
  reshape: {
    inputShape: [6],
    layers: [
      { type: 'dense', units: 8 },
      { type: 'reshape', shape: [-1, 2] },
      { type: 'conv1d', filters: 2, kernelSize: 2 },
    ],
  },
  dropout: {
    inputShape: [6],
    layers: [
      { type: 'dense', units: 8 },
      { type: 'dropout', p: 0.4 },
    ],
  },
  'batchNorm on rows': { inputShape: [6], layers: [{ type: 'dense', units: 3 }, { type: 'batchNorm' }] },
  'batchNorm on images': { inputShape: [4, 4, 1], layers: [conv(2, 3), { type: 'batchNorm', affine: false }] },
  layerNorm: { inputShape: [6], layers: [{ type: 'dense', units: 5 }, { type: 'layerNorm' }] },
  'layerNorm over two axes': {
    inputShape: [4, 2],
    layers: [
      { type: 'dense', units: 3 },
      { type: 'layerNorm', normalizedShape: [4, 3] },
    ],
  },
  'embedding with an index twice in a row': { inputShape: [5], layers: [{ type: 'embedding', vocabularySize: 4, units: 3 }], indices: 4 },
  softmax: { inputShape: [6], layers: [{ type: 'dense', units: 4, activation: 'softmax' }] },
}

function conv(axes: number, filters: number, bias = 0): object {
  return { type: `conv${axes}d`, filters, kernelSize: 1, biasInitializer: { type: 'constant', val: bias } }
}

const jobOf = ({ inputShape, layers, indices }: { inputShape: number[]; layers: object[]; indices?: number }) => {
  const width = inputShape.reduce((product, size) => product * size, 1)
  const stream = createStream({ seed: 11, purpose: 'data' })
  const values = indices ? stream.uniforms(rows * width).map((uniform) => Math.floor(uniform * indices)) : stream.normals(rows * width)
  const features = Array.from({ length: rows }, (_, row) => [...values.subarray(row * width, (row + 1) * width)])
  return planJob(
    {
      model: { layers: [...layers, { type: 'flatten' }, { type: 'dense', units: 1 }, { type: 'activation', activation: 'tanh' }] },
      loss: { type: 'mse', reduction: 'sum' },
      optimizer: { type: 'sgd' },
      training: { epochs: 1, batchSize: rows, seed: 9 },
    },
    { features, labels: features.map((_, row) => [row - 1.5]), inputShape },
  )
}

/** At most a dozen positions of a tensor, from its first to its last. */
const spreadOver = (size: number): number[] => {
  const count = Math.min(size, 12)
  return Array.from({ length: count }, (_, at) => (count === 1 ? 0 : Math.round((at * (size - 1)) / (count - 1))))
}

/** The loss of one mini-batch in training mode, and its gradients, at given parameters. */
const createProbe = (backend: LoadedBackend, plan: Plan, data: ReturnType<typeof jobOf>['data']) => {
  const { tf } = backend
  const step = createStep(tf, createBackendOps(backend), plan)
  const table = sliceRows(tf, tableOf(plan, data), 0, data.rows)
  const masks = createMasks(tf, plan)({ step: 1, rows })
  const tensors = openTrainingTensors(tf, plan, undefined)
  const at = (parameters: Tensors): { loss: number; gradients: Record<string, number[]> } => {
    const output = step({
      ...tensors,
      parameters,
      features: table.features,
      labels: table.labels,
      masks,
      step: tf.scalar(1),
      learningRate: tf.scalar(0),
    })
    const gradients = Object.fromEntries(
      Object.entries(output.gradients).map(([name, gradient]) => [name, [...unwrap(gradient).dataSync()]]),
    )
    return { loss: unwrap(output.loss).dataSync()[0] ?? Number.NaN, gradients }
  }
  const nudged = (name: string, position: number, by: number): number => {
    const values = Float32Array.from(unwrap(tensors.parameters[name] as Tensor).dataSync())
    values[position] = (values[position] ?? 0) + by
    return at({ ...tensors.parameters, [name]: tf.tensor(values, [...(tensors.parameters[name]?.shape ?? [])]) }).loss
  }
  return { gradients: () => at(tensors.parameters).gradients, nudged }
}

describe('gradients equal central differences', async () => {
  await onEveryBackend((loaded) => {
    for (const [name, layers] of Object.entries(cases)) {
      it(name, () => {
        const { plan, data } = jobOf(layers)
        const probe = createProbe(loaded(), plan, data)
        const [gradients, differences]: [number[], number[]] = [[], []]
        for (const [parameter, gradient] of Object.entries(probe.gradients())) {
          for (const position of spreadOver(gradient.length)) {
            gradients.push(gradient[position] ?? Number.NaN)
            differences.push((probe.nudged(parameter, position, nudge) - probe.nudged(parameter, position, -nudge)) / (2 * nudge))
          }
        }
        assertClose(gradients, differences, 1e-2, name)
      })
    }
  })
})
