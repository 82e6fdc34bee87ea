import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createThresholds } from '../../../../workers/training/thresholds.ts'
import { report } from '../../../support/batches.ts'

test('thresholds are passed by a value beyond the limit and never by the limit itself, by NaN or by a value that is missing', () => {
  const passes = (threshold: { below: number } | { above: number }, loss: number): boolean =>
    createThresholds([{ metric: 'loss', ...threshold }]).tell(report(1, loss)).length === 1
  assert.deepEqual(
    [0.4, 0.5, 0.6, Number.NaN, Number.NEGATIVE_INFINITY].map((loss) => passes({ below: 0.5 }, loss)),
    [true, false, false, false, true],
  )
  assert.deepEqual(
    [0.4, 0.5, 0.6, Number.NaN, Number.POSITIVE_INFINITY].map((loss) => passes({ above: 0.5 }, loss)),
    [false, false, true, false, true],
  )
  assert.deepEqual(
    createThresholds([
      { metric: 'validationLoss', below: 1 },
      { metric: 'mae', above: -1 },
    ]).tell(report(1)),
    [],
  )
})

test('thresholds are told once, also by whoever goes on with what the checkpoint remembers', () => {
  const on = [
    { metric: 'loss', below: 0.5 },
    { metric: 'loss', above: 0.5 },
  ] as const
  const first = createThresholds(on)
  assert.equal(first.told(), undefined)
  assert.deepEqual(first.tell(report(1, Number.POSITIVE_INFINITY)), [
    { type: 'threshold', data: { metric: 'loss', above: 0.5, value: 'Infinity', epoch: 1 } },
  ])
  assert.deepEqual(first.tell(report(2, 1)), [])
  assert.deepEqual(first.told(), [1])
  const second = createThresholds(on, first.told())
  assert.deepEqual(second.tell(report(3, 0.25)), [{ type: 'threshold', data: { metric: 'loss', below: 0.5, value: 0.25, epoch: 3 } }])
  assert.deepEqual(second.tell(report(4, 1)), [])
})
