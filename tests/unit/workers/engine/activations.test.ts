import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type ActivationConfig, activate, activationCatalog } from '../../../../src/catalog/activations.ts'
import { defaultsOf } from '../../../../src/catalog/definition.ts'
import { createTensorOps } from '../../../../workers/engine/ops/ops.ts'
import { unwrap } from '../../../../workers/engine/step/tape.ts'
import { assertClose } from '../../../support/close.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'

type NumberTensor = { shape: number[]; values: number[] }
type Case = {
  activation: keyof typeof activationCatalog
  options: Record<string, unknown>
  input: NumberTensor
  value: NumberTensor
  gradient: NumberTensor
}
const reference = JSON.parse(readFileSync(new URL('../../../fixtures/reference/activations.json', import.meta.url), 'utf8')) as {
  upstream: NumberTensor
  cases: Case[]
}

describe('an activation', async () => {
  it('an activation has a case in the reference, whichever it is', () => {
    assert.deepEqual(new Set(reference.cases.map(({ activation }) => activation)), new Set(Object.keys(activationCatalog)))
  })

  await onEveryBackend((loaded) => {
    for (const one of reference.cases) {
      it(`${one.activation} ${JSON.stringify(one.options)} and its gradient are PyTorch's, at the kinks and in the tails too`, () => {
        const { tf } = loaded()
        const ops = createTensorOps(tf)
        tf.tidy(() => {
          const config = { type: one.activation, ...defaultsOf(activationCatalog[one.activation]), ...one.options } as ActivationConfig
          const input = tf.tensor(one.input.values, one.input.shape)
          const upstream = tf.tensor(reference.upstream.values, reference.upstream.shape)
          const gradient = tf.grad((x) => tf.sum(tf.mul(unwrap(activate(ops, config, x)), upstream)))(input)
          assertClose(unwrap(activate(ops, config, input)).dataSync(), one.value.values, 1e-5, 'value')
          assertClose(gradient.dataSync(), one.gradient.values, 1e-5, 'gradient')
        })
      })
    }

    it('by its name takes the defaults', () => {
      const { tf } = loaded()
      const values = tf.tidy(() => unwrap(activate(createTensorOps(tf), 'leakyRelu', tf.tensor1d([-100, 2]))).dataSync())
      assertClose(values, [-1, 2], 1e-6, 'leakyRelu')
    })
  })
})
