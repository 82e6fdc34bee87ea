import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { linearAxis, logAxis, tickLabel } from '../../../../src/features/pictures/axis.ts'

const labels = (axis: { ticks: { label: string }[] } | null) => axis?.ticks.map(({ label }) => label)

describe('axes', () => {
  it('a linear axis has round ticks inside of its values', () => {
    assert.deepEqual(labels(linearAxis([0, 9.7], 5)), ['0', '2', '4', '6', '8'])
    assert.deepEqual(labels(linearAxis([-0.3, 0.3], 4)), ['-0.2', '0', '0.2'])
    assert.deepEqual(labels(linearAxis([1, 3], 8, { whole: true })), ['1', '2', '3'])
  })

  it('an axis of a single value, of none and of the largest numbers has places for them', () => {
    for (const values of [[5], [0], [], [-1e308, 1e308], [Number.MIN_VALUE, 0]]) {
      const axis = linearAxis(values, 5)
      assert.ok(axis.ticks.length > 0 && axis.ticks.length < 20, String(values))
      for (const at of [...values.map(axis.place), ...axis.ticks.map((tick) => tick.at)])
        assert.ok(at >= -1e-6 && at <= 1 + 1e-6, `${values}: ${at}`)
    }
  })

  it('a logarithmic axis has powers of ten, more of them within one, and no place for what is not above 0', () => {
    assert.deepEqual(labels(logAxis([0.0001, 10], 6)), ['1e-4', '0.001', '0.01', '0.1', '1', '10'])
    assert.deepEqual(labels(logAxis([1, 9], 6)), ['1', '2', '5'])
    assert.ok((logAxis([1e-300, 1e300], 6)?.ticks.length ?? 99) <= 8)
    assert.ok(Number.isNaN(logAxis([1, 2], 5)?.place(0)))
    assert.equal(logAxis([0, -1], 5), null)
  })

  it('a label is as short as the number can be told', () => {
    assert.deepEqual([0, 0.1 + 0.2, 1234.5, 1e5, 2.5e-7, -1e300].map(tickLabel), ['0', '0.3', '1234.5', '1e5', '2.5e-7', '-1e300'])
  })
})
