import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RowRule } from '../../../../../src/contracts/plan.ts'
import { heldRows } from '../../../../../src/features/jobs/rows/held-rows.ts'
import { createRowCounter, maxKeys } from '../../../../../src/features/jobs/rows/row-counts.ts'
import { atOnce } from '../../../../../src/features/slices.ts'

const rule = (split: RowRule['split'], required: number[] = []): RowRule => ({ required, split, seed: 4 })
/** How many rows are held back of each key. */
const heldOf = (held: Uint8Array, keys: Float32Array): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const [row, key] of keys.entries()) if (held[row] === 1) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
const count = (ruled: RowRule, table: Float32Array, width: number) => {
  const counter = createRowCounter(ruled)
  counter.add(table, width)
  return atOnce(counter.counts())
}
const sum = (held: Uint8Array): number => held.reduce((total, one) => total + one, 0)

describe('the rows that are held back', () => {
  it('the rows that are held back at random are as many as the share, and others by another seed', () => {
    const one = heldRows(rule({ fraction: 0.3, by: 'random' }), 100)
    assert.equal(sum(one), 30)
    assert.notDeepEqual(one, heldRows({ ...rule({ fraction: 0.3, by: 'random' }), seed: 5 }, 100))
    assert.equal(sum(heldRows(rule({ fraction: 0, by: 'random' }), 100)), 0)
  })

  it('the rows that are held back by order are the last ones', () => {
    assert.deepEqual([...heldRows(rule({ fraction: 0.4, by: 'order' }), 5)], [0, 0, 0, 1, 1])
  })

  it('the rows that are held back by label are the same share of each class, and every class keeps a row', () => {
    const keys = Float32Array.from({ length: 101 }, (_, row) => (row === 0 ? 2 : row < 31 ? 1 : 0))
    const held = heldRows(rule({ fraction: 0.3, by: 'label', column: 1 }), 101, keys)
    assert.deepEqual(
      heldOf(held, keys),
      new Map([
        [0, 21],
        [1, 9],
      ]),
    )
    const most = heldRows(rule({ fraction: 0.99, by: 'label', column: 1 }), 101, keys)
    for (const [key, rows] of heldOf(most, keys)) assert.ok(rows < (key === 0 ? 70 : 30), `class ${key} keeps a row`)
  })

  it('the rows that are held back by group are whole groups, near the share, one at least and never all', () => {
    const keys = Float32Array.from({ length: 100 }, (_, row) => (row % 17 === 3 ? Number.NaN : Math.floor(row / 7)))
    const held = heldRows(rule({ fraction: 0.3, by: 'group', column: 0 }), 100, keys)
    assert.ok(Math.abs(sum(held) - 30) <= 4, String(sum(held)))
    for (const key of new Set(keys)) assert.equal(new Set(held.filter((_, row) => Object.is(keys[row], key))).size, 1, `group ${key}`)
    const large = Float32Array.from({ length: 100 }, (_, row) => (row < 60 ? 1 : 2))
    assert.deepEqual(heldOf(heldRows(rule({ fraction: 0.1, by: 'group', column: 0 }), 100, large), large), new Map([[2, 40]]))
    assert.ok([40, 60].includes(sum(heldRows(rule({ fraction: 0.9, by: 'group', column: 0 }), 100, large))))
  })

  it('the rows that are held back by group are one group at least, also where the share is less than a row', () => {
    const keys = Float32Array.from({ length: 50 }, (_, row) => (row < 30 ? 1 : row < 35 ? 2 : 3))
    const ruled = rule({ fraction: 0.01, by: 'group', column: 0 })
    assert.deepEqual(heldOf(heldRows(ruled, 50, keys), keys), new Map([[2, 5]]))
    assert.deepEqual(count(ruled, keys, 1).validation, 5)
  })

  it('the rows that are held back are as many as the API counts by the same rule, rows without a value left out', () => {
    const rows = 500
    const table = Float32Array.from({ length: 3 * rows }, (_, cell) => {
      const row = Math.floor(cell / 3)
      if (cell % 3 === 0) return row % 5
      return row % (cell % 3 === 1 ? 11 : 13) === 0 ? Number.NaN : row
    })
    for (const by of ['random', 'order', 'label', 'group'] as const) {
      const split = by === 'random' || by === 'order' ? { fraction: 0.37, by } : { fraction: 0.37, by, column: 0 }
      const ruled = rule(split, [1, 2])
      const { training, validation, dropped } = count(ruled, table, 3)
      const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => row % 11 !== 0 && row % 13 !== 0)
      const held = heldRows(
        ruled,
        kept.length,
        Float32Array.from(kept, (row) => row % 5),
      )
      assert.deepEqual([training, validation, dropped], [kept.length - sum(held), sum(held), rows - kept.length], by)
    }
  })

  it('the rows that are held back are not told apart by more values than are counted', () => {
    const table = Float32Array.from({ length: maxKeys + 50 }, (_, row) => row)
    assert.equal(count(rule({ fraction: 0.5, by: 'group', column: 0 }), table, 1).keys, maxKeys + 1)
  })

  /** Rows with a key each, and which of them each of five folds holds back, by what divides them. */
  const keys = Float32Array.from({ length: 97 }, (_, row) => (row % 4 === 0 ? 1 : row % 9))
  const foldsBy = (by: RowRule['split']['by']) =>
    [0, 1, 2, 3, 4].map((index) => {
      const fold = { fraction: 0.2, fold: { index, count: 5 } }
      const ruled = rule(by === 'random' || by === 'order' ? { ...fold, by } : { ...fold, by, column: 0 })
      return { held: heldRows(ruled, keys.length, keys), counted: count(ruled, keys, 1).validation }
    })

  for (const by of ['random', 'order', 'label', 'group'] as const)
    it(`the rows that are held back by fold, by ${by}, are another part each time, all of them once, as many as the API counts`, () => {
      const folds = foldsBy(by)
      const times = keys.map((_, row) => folds.reduce((total, { held }) => total + (held[row] ?? 0), 0))
      assert.deepEqual(new Set(times), new Set([1]))
      assert.deepEqual(
        folds.map(({ counted }) => counted),
        folds.map(({ held }) => sum(held)),
      )
    })

  it('the rows that are held back by fold are of about one size, also of each class, or whole groups', () => {
    for (const by of ['random', 'order', 'label'] as const) {
      const sizes = foldsBy(by).map(({ held }) => sum(held))
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${by}: ${sizes}`)
    }
    const mostOf = (key: number): number => Math.ceil(keys.filter((one) => one === key).length / 5)
    const ofClasses = foldsBy('label').flatMap(({ held }) => [...heldOf(held, keys)])
    assert.ok(ofClasses.every(([key, rows]) => rows <= mostOf(key)))
    const isWhole = (held: Uint8Array, key: number): boolean => new Set(held.filter((_, row) => keys[row] === key)).size === 1
    assert.ok(foldsBy('group').every(({ held }) => [...new Set(keys)].every((key) => isWhole(held, key))))
  })
})
