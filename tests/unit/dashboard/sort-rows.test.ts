/** How the page sorts the rows of a table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextOrder, orderOf, orderText, sortRows } from '../../../src/dashboard/components/sort-rows.ts'

test('rows are sorted by value, what is missing last whichever way, and equal ones stay as they came', () => {
  const rows = [null, 'b10', 3, undefined, 'b9', [2], -1, Number.NaN, true, 3].map((value, at) => ({ value, at }))
  const order = (descending: boolean) => sortRows(rows, ({ value }) => value, descending).map(({ at }) => at)
  assert.deepEqual(order(false), [6, 2, 9, 5, 4, 1, 8, 0, 3, 7])
  assert.deepEqual(order(true), [8, 1, 4, 5, 2, 9, 6, 0, 3, 7])
})

test('a head sorts ascending, then descending, then not at all; another one begins anew', () => {
  const first = nextOrder(null, 'a')
  assert.deepEqual(first, { key: 'a', descending: false })
  const second = nextOrder(first, 'a')
  assert.deepEqual(second, { key: 'a', descending: true })
  assert.equal(nextOrder(second, 'a'), null)
  assert.deepEqual(nextOrder(second, 'b'), { key: 'b', descending: false })
})

test('an order is written into an address and read from it', () => {
  for (const text of ['last', '-last', 'optimizer.learningRate', '-0']) assert.equal(orderText(orderOf(text)), text)
  assert.deepEqual(orderOf('-last'), { key: 'last', descending: true })
  for (const text of [null, '', '-']) assert.equal(orderText(orderOf(text)) || undefined, undefined)
})
