import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { defaultsOf } from '../../../../src/catalog/definition.ts'
import { type LossType, lossCatalog } from '../../../../src/catalog/losses/all-losses.ts'
import { Problem } from '../../../../src/contracts/error-codes.ts'
import type { EvaluateRequest, JsonTensor } from '../../../../src/contracts/inference.ts'
import { createBackendOps } from '../../../../workers/engine/backends/backend-ops.ts'
import { evaluateLoss } from '../../../../workers/engine/inference/evaluate-loss.ts'
import { onEveryBackend } from '../../../support/engine-backends.ts'
import { assertSameNumbers } from '../../../support/same-number.ts'

type Case = {
  loss: LossType
  options: Record<string, unknown>
  reduction: EvaluateRequest['reduction']
  inputs: JsonTensor[]
  target: JsonTensor
  value: JsonTensor
  gradients: JsonTensor[]
}

const { cases } = JSON.parse(readFileSync(new URL('../../../fixtures/torch/loss-corners.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

const requestOf = ({ loss, options, reduction, inputs, target }: Omit<Case, 'value' | 'gradients'>): EvaluateRequest => ({
  loss: { type: loss, ...defaultsOf(lossCatalog[loss]), ...options },
  reduction,
  inputs,
  target,
})

const valuesOf = (value: unknown): unknown[] => (typeof value === 'object' && value !== null ? (value as JsonTensor).values : [value])

describe('a loss of infinities, NaN, zero weights, ignored rows and tiny options', async () => {
  await onEveryBackend((loaded) => {
    for (const loss of Object.keys(lossCatalog) as LossType[])
      it(`a loss of infinities, NaN, zero weights, ignored rows and tiny options is PyTorch's for ${loss}, gradients too`, () => {
        const own = cases.filter((one) => one.loss === loss)
        assert.ok(own.length > 0, `no case for ${loss}`)
        for (const one of own) {
          const name = `${loss} ${JSON.stringify(one.options)} ${one.reduction} of ${JSON.stringify(one.inputs[0]?.shape)}`
          const answer = evaluateLoss(loaded().tf, createBackendOps(loaded()), requestOf(one))
          assertSameNumbers(valuesOf(answer.value), one.value.values, 1e-5, `${name} value`)
          for (const [index, gradient] of one.gradients.entries())
            assertSameNumbers(answer.gradients[index]?.values ?? [], gradient.values, 1e-5, `${name} gradient ${index}`)
        }
      })
  })
})

describe('what a loss refuses as PyTorch does', async () => {
  await onEveryBackend((loaded) => {
    const errorsOf = (request: Omit<Case, 'value' | 'gradients'>): string[] => {
      try {
        evaluateLoss(loaded().tf, createBackendOps(loaded()), requestOf(request))
        return []
      } catch (error) {
        if (error instanceof Problem) return error.errors.map(({ path }) => path)
        throw error
      }
    }
    const vector = (...values: number[]): JsonTensor => ({ shape: [values.length], values })
    const matrix = (...values: number[]): JsonTensor => ({ shape: [values.length / 2, 2], values })

    it('what a loss refuses as PyTorch does are negative targets of klDiv, unless they are logarithms', () => {
      const request = {
        loss: 'klDiv' as const,
        options: {},
        reduction: 'sum' as const,
        inputs: [vector(-0.5, -1)],
        target: vector(-0.5, 0.5),
      }
      assert.deepEqual(errorsOf(request), ['/target/values/0'])
      assert.deepEqual(errorsOf({ ...request, options: { logTarget: true } }), [])
    })

    it('what a loss refuses as PyTorch does is an index to ignore among class probabilities, unless it is negative', () => {
      const of = (ignoreIndex: number) =>
        errorsOf({ loss: 'crossEntropy', options: { ignoreIndex }, reduction: 'mean', inputs: [matrix(1, 2)], target: matrix(0.3, 0.7) })
      assert.deepEqual([of(1), of(0), of(-100)], [['/options/ignoreIndex'], ['/options/ignoreIndex'], []])
    })

    it('what a loss refuses as PyTorch does are targets of bce beyond 0 and 1, and none of bceWithLogits', () => {
      const of = (loss: LossType) => errorsOf({ loss, options: {}, reduction: 'mean', inputs: [vector(0.5)], target: vector(1.5) })
      assert.deepEqual([of('bce'), of('bceWithLogits')], [['/target/values/0'], []])
    })

    it('what a loss refuses as PyTorch does is a number of weights that is neither one nor that of the last axis', () => {
      const of = (...weight: number[]) =>
        errorsOf({ loss: 'bce', options: { weight }, reduction: 'mean', inputs: [matrix(0.5, 0.1)], target: matrix(1, 0) })
      assert.deepEqual([of(1), of(1, 2), of(1, 2, 3)], [[], [], ['/options/weight']])
    })
  })
})
