import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createKeptTables } from '../../../../workers/dataset/kept-tables.ts'

/** Tables of so many bytes, which come in parts. */
const keeping = (maxBytes: number) => {
  const tables = createKeptTables(maxBytes)
  const come = (id: string, ...sizes: number[]) => {
    const { add, finish } = tables.collect(id)
    for (const size of sizes) add(new Uint8Array(size))
    finish()
  }
  const sizes = (id: string) => tables.get(id)?.map(({ length }) => length)
  return { ...tables, come, sizes }
}

describe('tables that a training process keeps', () => {
  it('are there part by part once all has come, and not before', () => {
    const { collect, come, sizes } = keeping(10)
    collect('a').add(new Uint8Array(1))
    assert.equal(sizes('a'), undefined)
    come('b', 4, 2)
    assert.deepEqual(sizes('b'), [4, 2])
  })

  it('come to so many bytes at most: the one that was unused longest goes, and one that is larger never comes', () => {
    const { come, sizes } = keeping(10)
    come('a', 4)
    come('b', 4)
    sizes('a')
    come('c', 4)
    come('d', 6, 6)
    assert.deepEqual(['a', 'b', 'c', 'd'].map(sizes), [[4], undefined, [4], undefined])
  })

  it('count once, however often they come', () => {
    const { come, sizes } = keeping(10)
    come('a', 4)
    come('a', 4)
    come('b', 4)
    assert.deepEqual(['a', 'b'].map(sizes), [[4], [4]])
  })
})
