import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createChunkSpools } from '../../../../src/features/datasets/chunk-spool.ts'
import { sampleRows } from '../../../../src/features/datasets/sample-rows.ts'
import { createTableWriter, rowsPerChunk } from '../../../../src/features/datasets/table-writer.ts'

describe('a table writer', () => {
  it('packs whole rows into chunks of about a mebibyte, and knows its columns', () => {
    const chunks: Buffer[] = []
    const writer = createTableWriter({ names: ['a', 'b'], emit: (chunk) => chunks.push(chunk) })
    const rows = rowsPerChunk(2) + 1
    for (let row = 0; row < rows; row++) writer.add([row, row / 2])
    const { columns, rows: counted } = writer.finish({ features: ['a'], labels: ['b'] })
    assert.equal(counted, rows)
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [1024 * 1024, 8],
    )
    assert.equal(chunks[1]?.readFloatLE(0), rows - 1)
    const [a, b] = columns
    assert.deepEqual([a?.role, a?.type, a?.min, a?.max, a?.mean], ['feature', 'integer', 0, rows - 1, (rows - 1) / 2])
    assert.equal(b?.type, 'number')
    assert.ok(Math.abs(Number(a?.std) - Math.sqrt((rows ** 2 - 1) / 12)) < 1e-6)
  })

  it('a table writer has a hash of names, roles, shape and values', () => {
    const hash = (values: number[], options = {}, names = ['a']) => {
      const writer = createTableWriter({ names, emit: () => {} })
      for (const value of values) writer.add([value])
      return writer.finish(options).contentHash
    }
    const hashes = [hash([1, 2]), hash([2, 1]), hash([1, 2], { labels: ['a'] }), hash([1, 2], {}, ['b']), hash([1, 2], { inputShape: [1] })]
    assert.equal(new Set(hashes).size, hashes.length)
    assert.equal(hash([1, 2]), hashes[0])
  })
})

describe('a spool', () => {
  it('a spool gives back what it got, in order, from memory and from disk', () => {
    const spool = createChunkSpools({ most: 100, memory: 10 }).open()
    const chunks = ['12345', '6789', 'abcdefghij', 'k', 'lm'].map((text) => Buffer.from(text))
    for (const chunk of chunks) spool.add(chunk)
    assert.deepEqual([...spool.chunks()], chunks)
    spool.remove()
  })

  it('shares the room for files with others, and gives it back', () => {
    const spools = createChunkSpools({ most: 10, memory: 0 })
    const [first, second] = [spools.open(), spools.open()]
    first.add(Buffer.alloc(6))
    assert.throws(() => second.add(Buffer.alloc(6)), { code: 'UNAVAILABLE' })
    first.remove()
    second.add(Buffer.alloc(6))
    second.remove()
  })

  it('a spool has no file that anybody could find, so that none is left behind', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-test-'))
    const { TMPDIR } = process.env
    process.env.TMPDIR = folder
    const spool = createChunkSpools({ most: 10, memory: 0 }).open()
    spool.add(Buffer.from('12345'))
    assert.deepEqual(readdirSync(folder), [])
    assert.deepEqual([...spool.chunks()], [Buffer.from('12345')])
    spool.remove()
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    rmSync(folder, { recursive: true })
  })
})

describe('a sample of rows', () => {
  it('a sample of rows has each row at most once, the same for the same seed', () => {
    const sample = sampleRows(1000, 100, 7)
    assert.equal(new Set(sample).size, 100)
    assert.ok(sample.every((row) => row >= 0 && row < 1000))
    assert.deepEqual(sampleRows(1000, 100, 7), sample)
    assert.notDeepEqual(sampleRows(1000, 100, 8), sample)
  })

  it('a sample of rows of everything is an order of all rows', () => {
    assert.deepEqual(
      sampleRows(50, 80, 1).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, row) => row),
    )
  })
})
