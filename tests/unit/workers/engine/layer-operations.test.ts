import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WindowGeometry } from '../../../../src/catalog/layers/layer-ops.ts'
import { createBackendOps } from '../../../../workers/engine/backends/backend-ops.ts'
import { unwrap } from '../../../../workers/engine/step/tape.ts'
import { assertClose } from '../../../support/close.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'

const geometryOf = (window: number[], strides: number[], padding = 0): WindowGeometry => ({
  window,
  strides,
  padding: window.map(() => [padding, padding]),
  dilation: window.map(() => 1),
})

const count = (size: number): number[] => Array.from({ length: size }, (_, at) => at + 1)

describe('operations of layers', async () => {
  await onEveryBackend((loaded) => {
    for (const axes of [1, 2, 3])
      it(`operations of layers give the gradient of largest values over ${axes} axes to the first of equal ones`, () => {
        const [{ tf }, ops] = [loaded(), createBackendOps(loaded())]
        const gradient = tf.grad((x) => tf.sum(unwrap(ops.maxPool(x, geometryOf(Array(axes).fill(2), Array(axes).fill(2))))))
        const [first, ...others] = gradient(tf.ones([1, ...Array<number>(axes).fill(2), 1])).dataSync()
        assert.deepEqual([first, new Set(others)], [1, new Set([0])])
      })

    it('operations of layers give the gradient of largest values in a volume to the first depth, then the first row', () => {
      const [{ tf }, ops] = [loaded(), createBackendOps(loaded())]
      const gradient = tf.grad((x) => tf.sum(unwrap(ops.maxPool(x, geometryOf([2, 2, 2], [3, 3, 3], 1)))))
      // The only window sees padding and one corner.
      const values = gradient(tf.tensor5d([0, 0, 1, 0, 1, 0, 0, 0], [1, 2, 2, 2, 1])).dataSync()
      assert.deepEqual([...values], [1, 0, 0, 0, 0, 0, 0, 0])
      const whole = tf.grad((x) => tf.sum(unwrap(ops.maxPool(x, geometryOf([2, 2, 2], [2, 2, 2])))))
      assert.deepEqual([...whole(tf.tensor5d([0, 0, 1, 0, 1, 0, 0, 0], [1, 2, 2, 2, 1])).dataSync()], [0, 0, 1, 0, 0, 0, 0, 0])
    })

    it('convolve one channel right where a stride leads nowhere', () => {
      const [{ tf }, ops] = [loaded(), createBackendOps(loaded())]
      const images = tf.tensor4d(count(24), [2, 4, 3, 1])
      const kernel = tf.tensor4d(count(12), [2, 2, 1, 3])
      const sums = unwrap(ops.convolve(images, kernel, geometryOf([2, 2], [1, 2]))).dataSync()
      const expected = [0, 12].flatMap((image) =>
        [0, 3, 6].flatMap((row) =>
          [0, 1, 2].map((filter) => [1, 2, 4, 5].reduce((sum, cell, at) => sum + (image + row + cell) * (3 * at + filter + 1), 0)),
        ),
      )
      assertClose([...sums], expected, 1e-5, 'sums')
    })
  })
})
