import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../../../src/contracts/plan.ts'
import { checkLabels } from '../../../../workers/dataset/label-check.ts'

const planFor = (loss: object): Plan => ({ config: { loss }, data: { labelShape: [] }, outputShape: [2] }) as unknown as Plan
const dataOf = (...labels: number[]) => ({ rows: labels.length, features: [], labels: Float32Array.from(labels) })
const toIgnore = (ignoreIndex: number) => planFor({ type: 'crossEntropy', reduction: 'mean', ignoreIndex })

test('a label between the classes and an index to ignore is refused, in training and in validation rows', () => {
  const refused = { code: 'LABEL_OUT_OF_RANGE', message: /from 0 to 1, or the ignoreIndex 255; the labels hold 7/ }
  assert.throws(() => checkLabels(toIgnore(255), dataOf(0, 1, 255, 7)), refused)
  assert.throws(() => checkLabels(toIgnore(255), { ...dataOf(0, 1), validation: dataOf(255, 7) }), refused)
  assert.throws(() => checkLabels(toIgnore(-100), dataOf(0, -5, -100)), /hold -5/)
})

test('classes and the index to ignore are let pass, as is what is no class index', () => {
  checkLabels(toIgnore(255), dataOf(0, 1, 255))
  checkLabels(planFor({ type: 'mse', reduction: 'mean' }), dataOf(0, 7))
  checkLabels({ ...toIgnore(-100), data: { labelShape: [2] } } as Plan, dataOf(0.5, 0.5))
})
