import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UploadOptions } from '../../../../src/api/upload-options.schema.ts'
import { readTable } from '../../../support/read-table.ts'

const read = (text: string, options: UploadOptions = {}) => readTable([text], { options })
/** A table of one column. */
const column = (cells: readonly string[], options: UploadOptions = {}) => {
  const table = read(`a,n\n${cells.map((cell, at) => `"${cell.replaceAll('"', '""')}",${at % 3}`).join('\n')}\n`, options)
  return { ...table, column: table.columns[0], cells: table.rows.map(([cell]) => cell), notes: table.notes.map(({ message }) => message) }
}

describe('a table', () => {
  it('a column of numbers takes none that a float32 cannot hold, and says so once', () => {
    const { errors } = read('a,b\n1e400,1\n-inf,2\n1e39,3\n4,1e99\n')
    assert.deepEqual(
      errors.map(({ code, line, column, value, path }) => [code, line, column, value, path]),
      [
        ['not_finite', 2, 'a', '1e400', '/rows/0/a'],
        ['not_finite', 5, 'b', '1e99', '/rows/3/b'],
      ],
    )
    assert.match(errors[0]?.message ?? '', /so are 2 others of the column, in line 3, 4/)
    assert.equal(column(['1e400', 'x', '1e400', 'x']).column?.type, 'category')
  })

  it('a column of text with NUL bytes is refused, and its column named', () => {
    const { errors } = read('a,b\nx,1\nx\0y,2\n')
    assert.deepEqual([errors.length, errors[0]?.code, errors[0]?.line, errors[0]?.column], [1, 'text', 3, 'a'])
  })

  it('a column keeps values that a float32 would round, dates and whole numbers', () => {
    const { columns, rows } = read(
      'a,b,c\n1,2012-01-01,1\n16777217,2012-01-01T00:00:00.001Z,2.5\n-123456789012,2012-01-02T23:59:59Z,16777217\n',
    )
    assert.deepEqual(
      columns.map(({ type, wide }) => [type, wide]),
      [
        ['integer', true],
        ['datetime', true],
        ['number', undefined],
      ],
    )
    assert.deepEqual(rows, [
      [1, '2012-01-01T00:00:00Z', 1],
      [16_777_217, '2012-01-01T00:00:00.001Z', 2.5],
      [-123_456_789_012, '2012-01-02T23:59:59Z', Math.fround(16_777_217)],
    ])
    assert.deepEqual([columns[0]?.min, columns[0]?.max, columns[1]?.max], [-123_456_789_012, 16_777_217, '2012-01-02T23:59:59Z'])
    const many = Array.from({ length: 400_000 }, (_, at) => String(at < 300_000 ? at : 2 ** 31 + at))
    const late = read(`a,b\n${many.map((value) => `${value},1`).join('\n')}\n`)
    assert.deepEqual(
      late.rows.map(([value]) => String(value)),
      many,
    )
  })

  it('levels are in the order of their code points, whole numbers by size', () => {
    const levels = (cells: string[], type: 'category' | 'text' = 'category') =>
      column(cells, { columns: { a: type } }).parts.flatMap((part) => (part.kind === 'levels' ? part.values : []))
    assert.deepEqual(levels(['b', 'B', 'a', 'ä', 'b', '10', '9']), ['10', '9', 'B', 'a', 'b', 'ä'])
    assert.deepEqual(levels(['10', '9', '-1', '10']), ['-1', '9', '10'])
    assert.deepEqual(levels(['\u{1f600}', '\uffee', 'z']), ['z', '\uffee', '\u{1f600}'])
    const { column: found } = column(['x', 'y', 'y', 'z', 'z', 'z'], { columns: { a: 'text' } })
    assert.deepEqual(found?.levels, [
      { value: 'z', count: 3 },
      { value: 'y', count: 2 },
      { value: 'x', count: 1 },
    ])
  })

  it('a column of more texts than are kept is listed and not stored', () => {
    const table = read(`a,b\n${Array.from({ length: 100_001 }, (_, at) => `t${at},${at % 2}`).join('\n')}\n`)
    assert.deepEqual(
      [table.columns[0]?.stored, table.columns[0]?.levelCount, table.rows[5], table.columns[0]?.missing],
      [false, undefined, [null, 1], 0],
    )
    assert.match(table.notes[0]?.message ?? '', /more than 100,000 different texts.*not stored/)
    assert.equal(read(`a,b\n${'x'.repeat(70_000)},1\ny,2\n`).columns[0]?.stored, false)
  })

  it('rows that cannot be read are left out as far as that is allowed, counted and listed', () => {
    const options = (max: number): UploadOptions => ({ columns: { a: 'number' }, badRows: { max } })
    const text = `a,b\n${Array.from({ length: 96 }, (_, at) => `${at},k`).join('\n')}\nx,k\n1\n1e99,k\ny,k\n`
    for (const max of [0.04, 4]) {
      const { rows, badRows, columns } = read(text, options(max))
      assert.deepEqual([rows.length, badRows?.count, badRows?.rows.map(({ line }) => line)], [96, 4, [98, 99, 100, 101]])
      assert.deepEqual([columns[0]?.max, columns[1]?.levels], [95, [{ value: 'k', count: 96 }]])
    }
    for (const max of [0.03, 3, 0]) {
      const [error, ...others] = read(text, options(max)).errors
      assert.deepEqual([error?.path, error?.code, error?.line, others], ['/badRows/max', 'too_many_bad_rows', 98, []])
      assert.match(error?.message ?? '', /4 of 100 rows cannot be read/)
    }
    assert.deepEqual(read('a\n1\n', options(0.5)).badRows, { count: 0, rows: [] })
    assert.equal(read('a\nx\ny\n', options(5)).errors[0]?.code, 'no_rows')
  })

  it('a table has its quartiles and histograms, exact where it is small', () => {
    const { columns } = read(`a,b,c\n${Array.from({ length: 101 }, (_, at) => `${at},${at % 3},${at / 4}`).join('\n')}\n`)
    assert.deepEqual(columns[0]?.quartiles, [25, 50, 75])
    assert.deepEqual(columns[1]?.histogram, { edges: [-0.5, 0.5, 1.5, 2.5], counts: [34, 34, 33] })
    assert.deepEqual([columns[2]?.histogram?.edges.length, columns[2]?.histogram?.counts.reduce((sum, count) => sum + count, 0)], [21, 101])
    const large = read(`a\n${Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 200_000).join('\n')}\n`).columns[0]
    for (const [at, quartile] of (large?.quartiles ?? []).entries())
      assert.ok(Math.abs(Number(quartile) / 50_000 - at - 1) < 0.1, String(quartile))
    assert.equal(
      large?.histogram?.counts.reduce((sum, count) => sum + count, 0),
      200_000,
    )
  })

  it('a table is packed into chunks of about a mebibyte that hold whole rows, and knows its columns', () => {
    const rows = 2 ** 17 + 1
    const lines = Array.from({ length: rows }, (_, row) => `${row},${row / 2}`)
    const { columns, parts, rows: cells } = read(['a,b', ...lines].join('\n'), { features: ['a'], labels: ['b'] })
    assert.equal(cells.length, rows)
    const chunks = parts.flatMap((part) => (part.kind === 'values' ? [part.bytes] : []))
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

  it('tables with the same contents have the same hash, others do not', () => {
    const hash = (text: string, options: UploadOptions = {}) => read(text, options).contentHash
    const table = 'a,b\n1,x\n2,y\n3,x\n'
    const hashes = [
      hash(table),
      hash('a,b\n1,x\n2,x\n3,y\n'),
      hash('a,b\n1,x\n2,z\n3,x\n'),
      hash('a,c\n1,x\n2,y\n3,x\n'),
      hash(table, { labels: ['b'] }),
      hash(table, { inputShape: [1], features: ['a'] }),
      hash(table, { columns: { b: 'text' } }),
    ]
    assert.equal(new Set(hashes).size, hashes.length)
    assert.equal(hash(table.replaceAll('\n', '\r\n').replaceAll(',', ';')), hashes[0])
  })
})
