/**
 * Cases computed by PyTorch 2.13 (tests/fixtures/reference), asked over HTTP: single losses with their gradients,
 * initializers by their bounds and spread, and whole training runs.
 *
 * Two values agree where max|a - b| <= tolerance * max(1e-3, max|b|) over a tensor: 1e-5 for single values and
 * gradients, 1e-4 for losses and weights of runs, 1e-3 for gradients inside runs, all float32.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { Json, Tensor } from '../support/e2e/api.ts'
import { type Product, root } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'

type LossCase = { loss: string; options: Json; reduction: string; inputs: Tensor[]; target: Tensor; value: Tensor; gradients: Tensor[] }
type InitializerCase = {
  initializer: string
  gain?: number
  mode?: string
  nonlinearity?: string
  torchShape: number[]
  bound?: number
  std?: number
}
type Run = {
  name: string
  layers: Json[]
  features: Tensor
  featureAxes: number[] | null
  inputShape: number[] | null
  labels: Tensor
  initialWeights: Record<string, Tensor>
  parameters: Record<string, { name: string; shape: number[]; axes: number[] | null; reshape: number[] | null }>
  loss: Json
  optimizer: Json
  schedule: Json | null
  gradientClipping: Json | null
  batchSize: number
  epochs: { epoch: number; loss: number; gradients: Record<string, Tensor>; weights: Record<string, Tensor> }[]
}

const read = <Content>(name: string): Content => JSON.parse(readFileSync(join(root, 'tests/fixtures/reference', `${name}.json`), 'utf8'))
const { cases: losses } = read<{ cases: LossCase[] }>('losses')
const { cases: initializers } = read<{ cases: InitializerCase[] }>('initializers')
const { runs } = read<{ runs: Run[] }>('training')

let product: Product
before(async () => {
  product = await sharedProduct()
})

const close = (ours: number[] | undefined, torch: number[], tolerance: number, what: string): void => {
  assert.equal(ours?.length, torch.length, `${what}: as many values`)
  const slack = tolerance * Math.max(1e-3, ...torch.map(Math.abs))
  for (const [index, value] of torch.entries()) {
    const distance = Math.abs(Number(ours?.[index]) - value)
    assert.ok(distance <= slack, `${what}: value ${index} is ${ours?.[index]}, PyTorch has ${value}`)
  }
}

/** A tensor with its axes in another order. */
const permute = ({ shape, values }: Tensor, axes: number[]): Tensor => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  const permuted: number[] = []
  const walk = (depth: number, at: number): void => {
    const axis = axes[depth]
    if (axis === undefined) {
      permuted.push(Number(values[at]))
      return
    }
    for (let index = 0; index < Number(shape[axis]); index++) walk(depth + 1, at + index * Number(strides[axis]))
  }
  walk(0, 0)
  return { shape: axes.map((axis) => Number(shape[axis])), values: permuted }
}

const rowsOf = ({ shape, values }: Tensor): number[][] => {
  const width = shape.slice(1).reduce((product, size) => product * size, 1)
  return Array.from({ length: Number(shape[0]) }, (_, row) => values.slice(row * width, (row + 1) * width))
}

describe('losses and their gradients equal PyTorch', () => {
  for (const one of losses)
    test(`${one.loss} ${JSON.stringify(one.options)} ${one.reduction}`, async () => {
      const { inputs, target, options, reduction } = one
      const answer = await product.api.call<{ value: number | Tensor; gradients: Tensor[] }>('POST', `/v1/losses/${one.loss}/evaluate`, {
        inputs,
        target,
        options,
        reduction,
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const { value, gradients } = answer.body
      close(typeof value === 'number' ? [value] : value.values, one.value.values, 1e-5, 'value')
      for (const [index, gradient] of one.gradients.entries()) close(gradients[index]?.values, gradient.values, 1e-5, `gradient ${index}`)
    })
})

describe('initializers keep to PyTorch’s bounds and spreads', () => {
  for (const one of initializers) {
    const [, name, slope] = /^(\w+)(?:\(([\d.]+)\))?$/.exec(one.nonlinearity ?? '') ?? []
    const options = one.mode ? { mode: one.mode, nonlinearity: name, ...(slope ? { slope: Number(slope) } : {}) } : { gain: one.gain }
    test(`${one.initializer} ${JSON.stringify(options)} ${one.torchShape.join('×')}`, async () => {
      const [out = 0, into = 0, ...kernel] = one.torchShape
      const answer = await product.api.call<{ std: number; min: number; max: number }>(
        'POST',
        `/v1/initializers/${one.initializer}/sample`,
        {
          shape: [...kernel, into, out],
          options,
          seed: 11,
        },
      )
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const { std, min, max } = answer.body
      const expected = one.std ?? Number(one.bound) / Math.sqrt(3)
      const slack = one.torchShape.reduce((product, size) => product * size, 1) > 50_000 ? 0.03 : 0.12
      assert.ok(Math.abs(std / expected - 1) < slack, `standard deviation ${std}, expected ${expected}`)
      if (one.bound !== undefined) assert.ok(max <= one.bound * (1 + 1e-6) && min >= -one.bound * (1 + 1e-6) && max > 0.97 * one.bound)
    })
  }
})

/** A tensor of PyTorch's in our layout: dense weights are [in, out], kernels [...kernel, in, out]. */
const ours = (run: Run, key: string, tensor: Tensor): Tensor => {
  const layout = run.parameters[key]
  assert.ok(layout, key)
  const shaped = layout.reshape ? { shape: layout.reshape, values: tensor.values } : tensor
  return { shape: layout.shape, values: (layout.axes ? permute(shaped, layout.axes) : shaped).values }
}

/** Uploads the data of a run and trains its config; gives the job's id. */
const trainRun = async (run: Run): Promise<string> => {
  const dataset = await product.api.upload({
    features: rowsOf(run.featureAxes ? permute(run.features, run.featureAxes) : run.features),
    labels: rowsOf(run.labels),
    ...(run.inputShape ? { inputShape: run.inputShape } : {}),
  })
  const initialWeights = Object.entries(run.initialWeights).map(([key, tensor]) => [run.parameters[key]?.name, ours(run, key, tensor)])
  const { loss, optimizer, schedule, gradientClipping } = run
  const job = await product.api.train({
    dataset: { id: dataset.id },
    model: { layers: run.layers, initialWeights: Object.fromEntries(initialWeights) },
    loss,
    optimizer,
    schedule: schedule ?? undefined,
    gradientClipping: gradientClipping ?? undefined,
    training: { epochs: run.epochs.length, batchSize: run.batchSize, shuffle: false },
    record: { gradients: 'full', weights: 'everyEpoch' },
  })
  return job.id
}

describe('training runs equal PyTorch, epoch by epoch', () => {
  for (const run of runs)
    test(run.name, async () => {
      const id = await trainRun(run)
      const [epochs, gradients] = [await product.api.epochs(id), await product.api.gradients(id)]
      const torchLosses = run.epochs.map((row) => row.loss)
      close(
        epochs.map((row) => Number(row.loss)),
        torchLosses,
        1e-4,
        'losses',
      )
      for (const { epoch, gradients: expected, weights } of run.epochs) {
        const { parameters } = await product.api.weights(id, `?epoch=${epoch}`)
        for (const [key, tensor] of Object.entries(expected)) {
          const found = gradients.find((one) => one.epoch === epoch && one.parameter === run.parameters[key]?.name)
          close(found?.values, ours(run, key, tensor).values, 1e-3, `gradient of ${key} in epoch ${epoch}`)
        }
        for (const [key, tensor] of Object.entries(weights)) {
          const found = parameters.find((one) => one.name === run.parameters[key]?.name)
          close(found?.values, ours(run, key, tensor).values, 1e-4, `${key} after epoch ${epoch}`)
        }
      }
    })
})
