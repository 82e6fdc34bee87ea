import { describe, it } from 'node:test'
import { batchNorm } from '../../../../src/catalog/layers/batch-norm.ts'
import { layerNorm } from '../../../../src/catalog/layers/layer-norm.ts'
import { createBackendOps } from '../../../../workers/engine/backends/backend-ops.ts'
import { unwrap } from '../../../../workers/engine/step/tape.ts'
import { assertClose } from '../../../support/close.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'

describe('normalization', async () => {
  await onEveryBackend((loaded) => {
    it("normalization adds epsilon to the variance, by that name or by PyTorch's", () => {
      const { tf } = loaded()
      const ops = createBackendOps(loaded())
      const call = { input: tf.tensor2d([[1, 3]]), parameters: {}, buffers: {}, training: false }
      const expected = [-1 / Math.sqrt(1.5), 1 / Math.sqrt(1.5)]
      for (const named of [{ epsilon: 0.5 }, { epsilon: 1e-5, eps: 0.5 }]) {
        const { output } = layerNorm.forward(ops, { ...call, options: { ...named, elementwiseAffine: false } })
        assertClose([...unwrap(output).dataSync()], expected, 1e-6, 'layerNorm')
        const buffers = { runningMean: tf.tensor1d([2, 2]), runningVariance: tf.tensor1d([1, 1]) }
        const normed = batchNorm.forward(ops, { ...call, buffers, options: { ...named, momentum: 0.1, affine: false } })
        assertClose([...unwrap(normed.output).dataSync()], expected, 1e-6, 'batchNorm')
      }
    })
  })
})
