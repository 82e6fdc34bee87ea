/** How the page holds jobs against each other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { align } from '../../../src/dashboard/views/compare/align.ts'
import { differingPaths, flatten } from '../../../src/dashboard/views/compare/differences.ts'
import { bestOf, isComparable } from '../../../src/dashboard/views/compare/metric.ts'

test('curves of different epochs share an axis: straight between their points, nothing outside and at gaps', () => {
  const { x, values } = align([
    [
      [1, 4],
      [5, 0],
    ],
    [
      [2, 1],
      [3, null],
      [4, 3],
    ],
    [],
  ])
  assert.deepEqual(x, [1, 2, 3, 4, 5])
  assert.deepEqual(values, [
    [4, 3, 2, 1, 0],
    [null, 1, null, 3, null],
    [null, null, null, null, null],
  ])
})

test('configs are told apart by the settings that differ, lists of plain values as one', () => {
  const one = flatten({ dataset: { id: 'a', labels: ['y'] }, model: { layers: [{ units: 1 }] }, auto: ['/model'] })
  const other = flatten({ dataset: { id: 'a', labels: ['y', 'z'] }, model: { layers: [{ units: 2 }] }, loss: { type: 'mse' } })
  assert.deepEqual(differingPaths([one, other]), { paths: ['dataset.labels', 'model.layers.0.units', 'loss.type'], left: 0 })
  assert.deepEqual(differingPaths([one]), { paths: [], left: 0 })
})

test('the best is the smallest loss or the largest accuracy, as a sweep ranks it, and none if losses differ in kind', () => {
  const runs = [
    { id: 'a', loss: 'mse', rank: null, value: 2 },
    { id: 'b', loss: 'mse', rank: null, value: 1 },
    { id: 'c', loss: 'mse', rank: null, value: null },
  ]
  const otherLoss = runs.map((run, at) => ({ ...run, loss: String(at) }))
  const ranked = otherLoss.map((run, at) => ({ ...run, rank: at + 1 }))
  assert.equal(bestOf({ metric: 'validationLoss', better: 'lower' }, runs), 'b')
  assert.equal(bestOf({ metric: 'accuracy', better: 'higher' }, runs), 'a')
  assert.equal(bestOf({ metric: 'validationRmse', better: 'lower' }, otherLoss), 'b', 'errors are in the units of the labels')
  assert.equal(bestOf({ metric: 'learningRate', better: null }, runs), undefined)
  assert.equal(bestOf({ metric: 'loss', better: 'lower' }, otherLoss), undefined)
  assert.equal(isComparable('loss', otherLoss), false)
  assert.equal(bestOf({ metric: 'loss', better: 'lower' }, ranked), 'a')
})
