/** Poolings of NaN and infinities against PyTorch's, to a relative 1e-6. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { WindowGeometry } from '../../../../../src/catalog/layers/layer-ops.ts'
import { createBackendOps } from '../../../../../workers/engine/backends/backend-ops.ts'
import { unwrap } from '../../../../../workers/engine/step/tape.ts'
import { onEveryBackend } from '../../../../support/engine-backends.ts'
import { assertSameNumbers } from '../../../../support/same-number.ts'

type Case = {
  kind: 'maxPool' | 'averagePool'
  shape: number[]
  values: (number | string)[]
  window: number[]
  strides: number[]
  padding: number
  pooled: (number | string)[]
  gradient: (number | string)[]
}

const none: [number, number] = [0, 0]

const { cases } = JSON.parse(readFileSync(new URL('../../../../fixtures/torch/pooling.json', import.meta.url), 'utf8')) as { cases: Case[] }

describe('pooling of NaN and infinities', async () => {
  await onEveryBackend((loaded, backend) => {
    const check = ({ kind, shape, values, window, strides, padding, pooled, gradient }: Case): void => {
      const { tf } = loaded()
      const geometry: WindowGeometry = { window, strides, padding: window.map(() => [padding, padding]), dilation: window.map(() => 1) }
      const what = `${kind} [${window}] over [${shape}], strides ${strides}, padding ${padding}`
      tf.tidy(() => {
        const images = tf.tensor(values.map(Number), shape)
        const pool = (x: typeof images) => unwrap(createBackendOps(loaded())[kind](x, geometry))
        const outputs = pool(images)
        const weights = tf.reshape(tf.range(1, outputs.size + 1), outputs.shape)
        assertSameNumbers(outputs.dataSync(), pooled, 1e-6, what)
        assertSameNumbers(
          tf
            .grad((x) => tf.sum(tf.mul(pool(x), weights)))(images)
            .dataSync(),
          gradient,
          1e-6,
          `gradient of ${what}`,
        )
      })
    }

    it("pooling of NaN and infinities gives PyTorch's averages", () => cases.filter(({ kind }) => kind === 'averagePool').forEach(check))

    it('pooling of NaN and infinities finds NaN and infinities wherever they are', () => {
      const { tf } = loaded()
      const shape: [number, number, number, number] = [1, 6, 6, 5]
      const geometry: WindowGeometry = { window: [2, 2], strides: [2, 2], padding: [none, none], dilation: [1, 1] }
      const pool = (kind: Case['kind'], values: Float32Array): Float32Array =>
        tf.tidy(() => unwrap(createBackendOps(loaded())[kind](tf.tensor(values, shape), geometry)).dataSync<'float32'>())
      for (let at = 0; at < 180; at += 1) {
        const [row, column, channel] = [Math.floor(at / 30), Math.floor(at / 5) % 6, at % 5]
        const output = (Math.floor(row / 2) * 3 + Math.floor(column / 2)) * 5 + channel
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const pooled = new Float32Array(45).fill(1)
          pooled[output] = value
          assertSameNumbers(pool('averagePool', new Float32Array(180).fill(1).fill(value, at, at + 1)), [...pooled], 0, `average, ${at}`)
          if (backend === 'tensorflow') continue
          assertSameNumbers(pool('maxPool', new Float32Array(180).fill(1).fill(value, at, at + 1)), [...pooled], 0, `largest, ${at}`)
        }
      }
    })

    // oneDNN's takes NaN for smaller than any number; a weight that is no longer finite is found by itself.
    if (backend !== 'tensorflow')
      it("pooling of NaN and infinities gives PyTorch's largest values", () =>
        cases.filter(({ kind }) => kind === 'maxPool').forEach(check))
  })

  it('pooling of NaN and infinities has cases of every kind', () => {
    for (const kind of ['maxPool', 'averagePool']) assert.ok(cases.filter((one) => one.kind === kind).length > 10)
  })
})
