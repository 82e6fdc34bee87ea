import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UploadOptions } from '../../../../src/api/upload-options.schema.ts'
import { createTableBuilder } from '../../../../src/features/datasets/table/builder.ts'
import { describeTable } from '../../../../src/features/datasets/table/describe-table.ts'
import { formatDate, formatDatetime, parseMoment } from '../../../../src/features/datasets/table/moments.ts'
import { parseNumber, pointMarks } from '../../../../src/features/datasets/table/numbers.ts'
import type { CellValue } from '../../../../src/features/datasets/table/typed-cells.ts'
import { readTable } from '../../../support/read-table.ts'

const read = (text: string, options: UploadOptions = {}) => readTable([text], { options })
describe('a table builder', () => {
  const build = (names: string[], rows: CellValue[][], options: UploadOptions = {}) => {
    const builder = createTableBuilder({ names, options, emit: () => {} })
    for (const [at, row] of rows.entries()) {
      for (const [column, value] of row.entries()) builder.value(column, value)
      builder.endRow(at + 1)
    }
    const cells = builder.finish()
    return { ...describeTable(cells, options), mustReread: cells.mustReread, learned: cells.learned }
  }

  it('a table builder takes values of types that formats have', () => {
    const { columns, levels, mustReread } = build(
      ['n', 'i', 'b', 't', 'd', 's'],
      [
        [1.5, 1n, true, 'x', new Date('2012-01-01'), '2012-01-01'],
        [null, 2n ** 40n, false, '12', undefined, null],
        [Number.NaN, null, null, 'x', new Date('2012-01-01T10:00:00Z'), '2012-01-03'],
        [2, 3n, true, '12', null, '2012-01-02'],
      ],
    )
    assert.equal(mustReread, false)
    assert.deepEqual(
      columns.map(({ type, missing, max }) => [type, missing, max]),
      [
        ['number', 2, 2],
        ['integer', 1, 2 ** 40],
        ['boolean', 1, 1],
        ['category', 0, null],
        ['datetime', 2, '2012-01-01T10:00:00Z'],
        ['date', 1, '2012-01-03'],
      ],
    )
    assert.deepEqual(levels.get(3), ['12', 'x'])
  })

  it('a table builder asks to be given its cells again where a column was not what it seemed', () => {
    const { mustReread, learned } = build(['a'], [[1], ['x'], [2]])
    assert.equal(mustReread, true)
    const again = createTableBuilder({ names: ['a'], known: learned(), emit: () => {} })
    for (const value of [1, 'x', 2]) {
      again.value(0, value)
      again.endRow(1)
    }
    const cells = again.finish()
    assert.deepEqual([cells.mustReread, describeTable(cells, {}).levels.get(0)], [false, ['1', '2', 'x']])
  })

  it('a table builder forgets a row that is bad, what it would have changed too', () => {
    const builder = createTableBuilder({ names: ['a', 'b'], options: { badRows: { max: 1 } }, emit: () => {} })
    builder.value(0, 'text in a row that is no row')
    builder.badRow(1, 'it is short')
    builder.value(0, 1)
    builder.value(1, 'x')
    builder.endRow(2)
    const { columns, rows, badRows } = describeTable(builder.finish(), {})
    assert.deepEqual([columns[0]?.type, rows, badRows?.count], ['integer', 1, 1])
  })
})

describe('numbers and dates', () => {
  it('numbers are read as JavaScript reads them, to the last bit', () => {
    const texts = [
      '0',
      '-0',
      '1',
      '123456789012345',
      '0.1',
      '0.3',
      '1e22',
      '1e-7',
      '123.456e3',
      '.5',
      '5.',
      '+7',
      '1e308',
      '4.9e-324',
      '123456789.123456789',
      '9007199254740993',
      '0.000000000000000000000123',
      '1E5',
    ]
    for (const text of texts) {
      const bytes = Buffer.from(`x${text}y`)
      assert.ok(Object.is(parseNumber(bytes, 1, bytes.length - 1, pointMarks), Number(text)), text)
      const { rows } = read(`a,b\n${text},1\n`, { columns: { a: 'number' } })
      if (Number.isFinite(Math.fround(Number(text))))
        assert.ok([Math.fround(Number(text)), Number(text)].includes(Number(rows[0]?.[0])), text)
    }
    for (const text of ['', '-', '.', 'e5', '1e', '1.2.3', '0x10', '0b1', '1_0', '1 2', '٣', '--1', '1e5.0', 'Infinit'])
      assert.ok(Number.isNaN(parseNumber(Buffer.from(text), 0, Buffer.byteLength(text), pointMarks)), text)
  })

  it('a date comes back as it went in, and no day that no calendar has goes in', () => {
    for (const text of ['0001-01-01', '1900-02-28', '1970-01-01', '2000-02-29', '9999-12-31'])
      assert.equal(formatDate(parseMoment(text)?.days ?? 0), text)
    for (const text of ['1999-10-15T23:59:59.999999Z', '2012-06-30T12:00:00Z', '2100-03-01T00:00:00.1Z'])
      assert.equal(formatDatetime(parseMoment(text)?.days ?? 0), text)
    for (const text of [
      '2011-02-29',
      '2012-13-01',
      '2012-00-10',
      '2012-01-32',
      '2012-01/02',
      '12-01-02',
      '2012-01-01T24:00Z',
      '2012-01-01T10',
      '2012-1-1',
    ])
      assert.equal(parseMoment(text), undefined, text)
  })
})
