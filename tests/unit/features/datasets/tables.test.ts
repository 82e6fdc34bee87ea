import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { createFaultList } from '../../../../src/contracts/faults.ts'
import { createChunkSpool } from '../../../../src/features/datasets/chunk-spool.ts'
import { readCsv } from '../../../../src/features/datasets/csv-table.ts'
import { sampleRows } from '../../../../src/features/datasets/sample-rows.ts'
import { createTableWriter, rowsPerChunk } from '../../../../src/features/datasets/table-writer.ts'

const read = async (chunks: (string | Buffer)[], delimiter?: string) => {
  const faults = createFaultList()
  const rows: number[][] = []
  let names: string[] = []
  const reader = {
    onHeader: (header: string[]) => {
      names = header
    },
    onRow: (row: number[]) => rows.push(row),
  }
  await readCsv(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), reader, faults, delimiter)
  return { names, rows, faults: faults.faults }
}

describe('a CSV', () => {
  it('is the same however it is cut into pieces', async () => {
    const text = Buffer.from('\ufeff"größe",b\r\n1,2\r\n-3.5e2,"4"\r\n')
    const whole = await read([text])
    assert.deepEqual(whole, {
      names: ['größe', 'b'],
      rows: [
        [1, 2],
        [-350, 4],
      ],
      faults: [],
    })
    for (let at = 1; at < text.length; at++) assert.deepEqual(await read([text.subarray(0, at), text.subarray(at)]), whole)
  })

  it('counts lines from 1, with the header, empty lines and lines inside of quotes', async () => {
    const { faults } = await read(['a,b\n\n1,x\n"2","\n3"\n4,\n'])
    assert.deepEqual(
      faults.map(({ line, column, value }) => [line, column, value]),
      [
        [3, 'b', 'x'],
        [6, 'b', ''],
      ],
    )
  })

  it('may be separated by something else', async () => {
    assert.deepEqual((await read(['a;b\n1;2\n'], ';')).rows, [[1, 2]])
  })

  it('holds decimal numbers only, within float32', async () => {
    const { rows, faults } = await read(['a\n.5\n+1.\n0x10\n1e400\n-inf\n1_000\ntrue\n'])
    assert.deepEqual(rows, [[0.5], [1]])
    assert.deepEqual(
      faults.map(({ value, code }) => [value, code]),
      [
        ['0x10', 'not_a_number'],
        ['1e400', 'not_finite'],
        ['-inf', 'not_finite'],
        ['1_000', 'not_a_number'],
        ['true', 'not_a_number'],
      ],
    )
  })
})

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

  it('has a hash of names, roles, shape and values', () => {
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
  it('gives back what it got, in order, from memory and from disk', () => {
    const spool = createChunkSpool(10)
    const chunks = ['12345', '6789', 'abcdefghij', 'k', 'lm'].map((text) => Buffer.from(text))
    for (const chunk of chunks) spool.add(chunk)
    assert.deepEqual([...spool.chunks()], chunks)
    spool.remove()
  })
})

describe('a sample of rows', () => {
  it('has each row at most once, the same for the same seed', () => {
    const sample = sampleRows(1000, 100, 7)
    assert.equal(new Set(sample).size, 100)
    assert.ok(sample.every((row) => row >= 0 && row < 1000))
    assert.deepEqual(sampleRows(1000, 100, 7), sample)
    assert.notDeepEqual(sampleRows(1000, 100, 8), sample)
  })

  it('of everything is an order of all rows', () => {
    assert.deepEqual(
      sampleRows(50, 80, 1).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, row) => row),
    )
  })
})
