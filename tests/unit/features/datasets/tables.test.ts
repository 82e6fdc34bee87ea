import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createChunkSpools } from '../../../../src/features/datasets/chunk-spool.ts'
import { sampleRows } from '../../../../src/features/datasets/sample-rows.ts'

describe('a spool', () => {
  it('a spool gives back what it got, in order, from memory and from disk', () => {
    const spool = createChunkSpools({ most: 100, memory: 10 }).open()
    const chunks = ['12345', '6789', 'abcdefghij', 'k', 'lm'].map((text) => Buffer.from(text))
    for (const chunk of chunks) spool.add(chunk)
    assert.deepEqual([...spool.chunks()], chunks)
    spool.remove()
  })

  it('gives each chunk in memory of its own, which may be changed', () => {
    const spool = createChunkSpools({ most: 100, memory: 6 }).open()
    for (const text of ['12345', '6789']) spool.add(Buffer.from(text))
    for (const chunk of spool.chunks()) {
      assert.equal(chunk.buffer.byteLength, chunk.length)
      chunk.fill(0)
    }
    assert.deepEqual([...spool.chunks()].map(String), ['12345', '6789'])
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
