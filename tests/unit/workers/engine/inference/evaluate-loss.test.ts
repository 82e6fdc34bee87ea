import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { defaultsOf } from '../../../../../src/catalog/definition.ts'
import { type LossType, lossCatalog } from '../../../../../src/catalog/losses/all-losses.ts'
import { Problem } from '../../../../../src/contracts/error-codes.ts'
import type { EvaluateRequest, JsonTensor } from '../../../../../src/contracts/inference.ts'
import { evaluateLoss } from '../../../../../workers/engine/inference/evaluate-loss.ts'
import { createTensorOps } from '../../../../../workers/engine/ops/ops.ts'
import { assertClose } from '../../../../support/close.ts'
import { onEveryBackend } from '../../../../support/engine-backends.ts'

type NumberTensor = { shape: number[]; values: number[] }
type Case = {
  loss: LossType
  options: Record<string, unknown>
  reduction: EvaluateRequest['reduction']
  inputs: NumberTensor[]
  target: NumberTensor
  value: NumberTensor
  gradients: NumberTensor[]
}

const readCases = (file: string): Case[] =>
  (JSON.parse(readFileSync(new URL(`../../../../fixtures/reference/${file}`, import.meta.url), 'utf8')) as { cases: Case[] }).cases

const requestOf = ({ loss, options, reduction, inputs, target }: Omit<Case, 'value' | 'gradients'>): EvaluateRequest => ({
  loss: { type: loss, ...defaultsOf(lossCatalog[loss]), ...options },
  reduction,
  inputs,
  target,
})

const numbers = (value: unknown): number[] => (typeof value === 'number' ? [value] : ((value as JsonTensor).values as number[]))

describe('evaluating a loss', async () => {
  const cases = [...readCases('losses.json'), ...readCases('loss-options.json')]

  await onEveryBackend((loaded) => {
    for (const loss of Object.keys(lossCatalog) as LossType[]) {
      it(`evaluating a loss gives ${loss}'s values and gradients as PyTorch does`, () => {
        const { tf } = loaded()
        const ops = createTensorOps(tf)
        const own = cases.filter((one) => one.loss === loss)
        assert.ok(own.length > 0, `no case for ${loss}`)
        for (const one of own) {
          const name = `${loss} ${JSON.stringify(one.options)} ${one.reduction}`
          const answer = evaluateLoss(tf, ops, requestOf(one))
          if (one.reduction === 'none') assert.deepEqual((answer.value as JsonTensor).shape, one.value.shape, name)
          assertClose(numbers(answer.value), one.value.values, 1e-5, `${name} value`)
          for (const [index, gradient] of one.gradients.entries()) {
            assert.deepEqual(answer.gradients[index]?.shape, gradient.shape, name)
            assertClose(answer.gradients[index]?.values ?? [], gradient.values, 1e-5, `${name} gradient ${index}`)
          }
        }
      })

      it(`evaluating a loss gives ${loss} gradients that agree with central differences`, () => {
        const { tf } = loaded()
        const ops = createTensorOps(tf)
        for (const one of cases.filter(
          ({ loss: type, reduction, inputs }) => type === loss && reduction === 'sum' && inputs[0]?.shape.length === 2,
        )) {
          for (const [index, input] of one.inputs.entries()) {
            const step = 1e-2
            const moved = (position: number, by: number): number => {
              const values = input.values.map((value, at) => (at === position ? value + by : value))
              const inputs = one.inputs.map((other, at) => (at === index ? { ...input, values } : other))
              return numbers(evaluateLoss(tf, ops, requestOf({ ...one, inputs })).value)[0] ?? Number.NaN
            }
            const slopes = input.values.map((value, position) => {
              const [below, at, above] = [moved(position, -step), moved(position, 0), moved(position, step)]
              const away = Math.abs(above - 2 * at + below) < 2e-3
              return away && (loss !== 'bce' || (value > 0.1 && value < 0.9)) ? (above - below) / (2 * step) : undefined
            })
            const gradient = evaluateLoss(tf, ops, requestOf(one)).gradients[index]?.values ?? []
            const far = slopes.flatMap((slope, position) => (slope === undefined ? [] : [position]))
            assert.ok(far.length > 0, `${loss}: every value lies at a kink`)
            assertClose(
              far.map((position) => gradient[position]),
              far.map((position) => slopes[position] ?? 0),
              1e-2,
              `${loss} slopes`,
            )
          }
        }
      })
    }

    it("evaluating a loss gives the notebook's Huber cell", () => {
      const { tf } = loaded()
      const request = requestOf({
        loss: 'huber',
        options: {},
        reduction: 'mean',
        inputs: [{ shape: [3], values: [1.8, 3.2, 10] }],
        target: { shape: [3], values: [2, 3, 5] },
      })
      assert.equal(Number(evaluateLoss(tf, createTensorOps(tf), request).value).toFixed(4), '1.5133')
    })

    it('evaluating a loss takes a single class, whose cross entropy is 0', () => {
      const { tf } = loaded()
      const request = requestOf({
        loss: 'crossEntropy',
        options: {},
        reduction: 'none',
        inputs: [{ shape: [2, 1], values: [3, -1] }],
        target: { shape: [2], values: [0, 0] },
      })
      const { value, gradients } = evaluateLoss(tf, createTensorOps(tf), request)
      assert.deepEqual(numbers(value).map(Math.abs), [0, 0])
      assert.deepEqual(gradients[0]?.values.map(Number).map(Math.abs), [0, 0])
    })

    it('evaluating a loss writes what is not finite as a word', () => {
      const { tf } = loaded()
      const request = requestOf({
        loss: 'mse',
        options: {},
        reduction: 'none',
        inputs: [{ shape: [2], values: [1e30, 1] }],
        target: { shape: [2], values: [-1e30, 1] },
      })
      assert.deepEqual(evaluateLoss(tf, createTensorOps(tf), request).value, { shape: [2], values: ['Infinity', 0] })
    })

    it('evaluating a loss leaves no tensor behind', () => {
      const { tf, countTensors } = loaded()
      const ops = createTensorOps(tf)
      const before = countTensors()
      for (const one of cases.slice(0, 60)) evaluateLoss(tf, ops, requestOf(one))
      assert.equal(countTensors(), before)
    })

    it('evaluating a loss names every shape and value that does not fit', () => {
      const { tf } = loaded()
      const paths = (request: EvaluateRequest): string[] => {
        try {
          evaluateLoss(tf, createTensorOps(tf), request)
        } catch (error) {
          assert.ok(error instanceof Problem)
          assert.equal(error.code, 'VALIDATION_FAILED')
          return error.errors.map(({ path }) => path)
        }
        return []
      }
      const scores = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] }
      const request = (loss: LossType, inputs: NumberTensor[], target: NumberTensor, options = {}) =>
        requestOf({ loss, inputs, target, options, reduction: 'mean' })
      assert.deepEqual(paths(request('mse', [scores], { shape: [3], values: [1, 2, 3] })), ['/target/shape'])
      assert.deepEqual(paths(request('mse', [{ shape: [2], values: [1] }], { shape: [3], values: [1, 2] })), [
        '/inputs/0/values',
        '/target/values',
        '/target/shape',
      ])
      assert.deepEqual(paths(request('mse', [scores, scores], scores)), ['/inputs'])
      assert.deepEqual(paths(request('marginRanking', [scores, { shape: [1], values: [1] }], scores)), ['/inputs/1/shape'])
      assert.deepEqual(paths(request('crossEntropy', [scores], { shape: [2], values: [3, 0.5] })), ['/target/values/0', '/target/values/1'])
      assert.deepEqual(paths(request('crossEntropy', [scores], { shape: [2], values: [0, -100] })), [])
      assert.deepEqual(paths(request('crossEntropy', [scores], { shape: [2], values: [0, 1] }, { weight: [1, 2] })), ['/options/weight'])
      assert.deepEqual(paths(request('bce', [{ shape: [2], values: [0.5, 2] }], { shape: [2], values: [-1, 1] })), [
        '/target/values/0',
        '/inputs/0/values/1',
      ])
      assert.deepEqual(paths(request('softMargin', [{ shape: [1], values: [0.5] }], { shape: [1], values: [0] })), ['/target/values/0'])
      assert.deepEqual(paths(request('nll2d', [scores], { shape: [2], values: [0, 1] })), ['/inputs/0/shape'])
    })
  })
})
