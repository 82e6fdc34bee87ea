import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type * as TensorFlow from '@tensorflow/tfjs-core'
import type { Tensor } from '../../../../../src/catalog/ops.ts'
import { createBackendOps } from '../../../../../workers/engine/backends/backend-ops.ts'
import { sumGeometry } from '../../../../../workers/engine/ops/long-sums.ts'
import { unwrap } from '../../../../../workers/engine/step/tape.ts'
import { onEveryBackend } from '../../../../support/engine-backends.ts'
import { planJob, trainAll } from '../../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../../support/engines.ts'

/** A prime: no way to cut it into equal parts. */
const rows = 262_147
const value = Math.fround(0.1)

const assertNear = (actual: ArrayLike<number>, expected: number, what: string): void => {
  for (const got of Array.from(actual)) assert.ok(Math.abs(got / expected - 1) < 2e-5, `${what}: got ${got}, expected ${expected}`)
}

describe('long sums of equal terms', async () => {
  await onEveryBackend((loaded) => {
    const check = (what: string, expected: number, compute: (ops: ReturnType<typeof createBackendOps>) => Tensor): void => {
      const { tf } = loaded()
      const values = tf.tidy(() => unwrap(compute(createBackendOps(loaded()))).dataSync())
      assertNear(values, expected, what)
    }
    const filled = (...shape: number[]): TensorFlow.Tensor => loaded().tf.fill(shape, value)
    const gradient = (of: (x: TensorFlow.Tensor) => Tensor, at: TensorFlow.Tensor): TensorFlow.Tensor => {
      const { tf } = loaded()
      return tf.grad((x) => tf.sum(tf.mul(unwrap(of(x)), value)))(at)
    }

    it('long sums of equal terms are right over all axes, over rows, over images, and their means are', () => {
      check('sum', rows * value, (ops) => ops.sum(filled(rows)))
      check('mean', value, (ops) => ops.mean(filled(rows, 1)))
      check('sum of rows', rows * value, (ops) => ops.sum(filled(rows, 3), [0]))
      check('mean of rows, axes kept', value, (ops) => ops.mean(filled(rows, 3), [0], true))
      check('sum of the last axis', rows * value, (ops) => ops.sum(filled(2, rows), [-1]))
      check('mean of images', value, (ops) => ops.mean(filled(64, 63, 64, 2), [0, 1, 2]))
      check('mean within images', value, (ops) => ops.mean(filled(2, 300, 301, 2), [1, 2]))
    })

    it('long sums of equal terms are right in averages of long windows, of one place and of many', () => {
      const average = (images: number[], window: number[], strides = window) =>
        check(`average [${window}] over [${images}]`, value, (ops) =>
          ops.averagePool(filled(...images), { window, strides, padding: window.map(() => [0, 0]), dilation: window.map(() => 1) }),
        )
      average([1, 500, 500, 1], [500, 500])
      average([2, 120, 120, 3], [100, 100], [7, 9])
      average([1, 250_007, 1], [250_000], [250_000])
      average([1, 60, 60, 60, 1], [60, 60, 60])
    })

    it('long sums of equal terms are right in the gradients of kernels of one cell', () => {
      const { tf } = loaded()
      const images = filled(101, 55, 55, 2)
      const geometry = {
        window: [1, 1],
        strides: [1, 1],
        padding: [[0, 0] as [number, number], [0, 0] as [number, number]],
        dilation: [1, 1],
      }
      check('kernel', 101 * 55 * 55 * value * value, (ops) =>
        gradient((kernel) => ops.convolve(images, kernel, geometry), tf.zeros([1, 1, 2, 3])),
      )
    })

    it('long sums of equal terms are right in the gradients of biases, scales, products and look-ups', () => {
      const { tf } = loaded()
      check('bias', rows * value, (ops) => gradient((bias) => ops.biasAdd(tf.zeros([rows, 2]), bias), tf.zeros([2])))
      check('bias of images', 64 * 63 * 64 * value, (ops) =>
        gradient((bias) => ops.biasAdd(tf.zeros([64, 63, 64, 2]), bias), tf.zeros([2])),
      )
      check('scale', rows * value, (ops) => gradient((scale) => ops.mul(tf.ones([rows, 2]), scale), tf.ones([2])))
      check('product', rows * value, (ops) => gradient((weight) => ops.matMul(tf.ones([rows, 2]), weight), tf.zeros([2, 3])))
      check('forward product', rows * value, (ops) => ops.matMul(filled(1, rows), tf.ones([rows, 2])))
      check('look-up', rows * value, (ops) => gradient((table) => ops.lookUp(table, tf.zeros([rows, 1])), tf.zeros([1, 2])))
    })
  })

  await onEveryEngine((engine) => {
    it('long sums of equal terms are right in losses and gradients of a job', async () => {
      const table = { features: Array.from({ length: rows }, () => [1]), labels: Array.from({ length: rows }, () => [0.1]) }
      const job = planJob(
        {
          model: { layers: [{ type: 'dense', units: 1, weightInitializer: { type: 'zeros' }, biasInitializer: { type: 'zeros' } }] },
          loss: { type: 'l1' },
          optimizer: { type: 'sgd', learningRate: 0 },
          training: { epochs: 1, batchSize: rows, seed: 1 },
        },
        table,
      )
      const [report] = await trainAll(engine(), job)
      assertNear([report?.loss ?? 0, report?.batchLoss ?? 0], 0.1, 'losses')
      assertNear([...(report?.gradients[0]?.values ?? []), ...(report?.gradients[1]?.values ?? [])], -1, 'gradients')
    })
  })
})

describe('kernels that take every number for what it is', async () => {
  await onEveryBackend((loaded) => {
    it('keep NaN of either sign in relu, and in the larger and the smaller of two', () => {
      const { tf } = loaded()
      const ops = createBackendOps(loaded())
      const infinite = tf.fill([37], Number.POSITIVE_INFINITY)
      const nothing = tf.sub(infinite, infinite)
      const all: Record<string, Tensor> = {
        relu: ops.relu(nothing),
        reluOfPositive: ops.relu(tf.fill([37], Number.NaN)),
        largerFirst: ops.maximum(nothing, 0),
        largerSecond: ops.maximum(tf.zeros([37]), nothing),
        smallerFirst: ops.minimum(nothing, 0),
        smallerSecond: ops.minimum(tf.zeros([37]), nothing),
      }
      for (const [name, result] of Object.entries(all)) assert.ok(unwrap(result).dataSync().every(Number.isNaN), name)
      const relu = ops.relu(tf.tensor1d([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -3, 1e-30, -1e-30]))
      assert.deepEqual(Array.from(unwrap(relu).dataSync(), Math.fround).slice(0, 4), [Number.POSITIVE_INFINITY, 0, 3, 0])
    })

    it('tell the sign of numbers next to 0, and none of NaN', () => {
      const { tf } = loaded()
      const sign = createBackendOps(loaded()).sign(tf.tensor1d([1e-8, -1e-8, 1e-37, -1e-37, 0, Number.NaN, 3, -3]))
      assert.deepEqual(
        Array.from(unwrap(sign).dataSync(), (each) => each + 0),
        [1, -1, 1, -1, 0, 0, 1, -1],
      )
    })
  })
})

describe('axes to sum over', () => {
  it('axes to sum over are taken as one run where they lie next to each other, axes of size 1 aside', () => {
    assert.deepEqual(sumGeometry([2, 3, 4], [1]), { outer: 2, length: 3, inner: 4 })
    assert.deepEqual(sumGeometry([2, 3, 4], [0, 1, 2]), { outer: 1, length: 24, inner: 1 })
    assert.deepEqual(sumGeometry([2, 1, 4], [0, 2]), { outer: 1, length: 8, inner: 1 })
    assert.deepEqual(sumGeometry([2, 3, 4], [0, 2]), undefined)
    assert.deepEqual(sumGeometry([5, 1], [1]), { outer: 5, length: 1, inner: 1 })
  })
})
