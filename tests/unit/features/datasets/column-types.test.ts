import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UploadOptions } from '../../../../src/api/upload-options.schema.ts'
import { createChunkSpools } from '../../../../src/features/datasets/chunk-spool.ts'
import { readTable } from '../../../support/read-table.ts'

const read = (text: string, options: UploadOptions = {}) => readTable([text], { options })
/** A table of one column. */
const column = (cells: readonly string[], options: UploadOptions = {}) => {
  const table = read(`a,n\n${cells.map((cell, at) => `"${cell.replaceAll('"', '""')}",${at % 3}`).join('\n')}\n`, options)
  return { ...table, column: table.columns[0], cells: table.rows.map(([cell]) => cell), notes: table.notes.map(({ message }) => message) }
}

describe('a column', () => {
  it('a column is of the type that all of its cells have', () => {
    const table: [cells: string[], type: string, values: unknown[]][] = [
      [['1', '-2', '+3', '4e2'], 'integer', [1, -2, 3, 400]],
      [['1', '.5', '2.', '1e-3'], 'number', [1, 0.5, 2, Math.fround(0.001)]],
      [['true', 'FALSE', 'True'], 'boolean', [true, false, true]],
      [['2012-01-31', '1969/12/31'], 'date', ['2012-01-31', '1969-12-31']],
      [
        ['2012-01-31T10:00:00Z', '2012-01-31 12:30', '2012-01-31'],
        'datetime',
        ['2012-01-31T10:00:00Z', '2012-01-31T12:30:00Z', '2012-01-31T00:00:00Z'],
      ],
      [['2012-01-31T10:00:00.123456+02:00', '2012-02-01'], 'datetime', ['2012-01-31T08:00:00.123456Z', '2012-02-01T00:00:00Z']],
      [['red', 'blue', 'red', 'red'], 'category', ['red', 'blue', 'red', 'red']],
      [['red', 'blue', 'green', 'red'], 'text', ['red', 'blue', 'green', 'red']],
      [['1', 'x', '1', 'x'], 'category', ['1', 'x', '1', 'x']],
      [['0x10', '0x11', '0x10', '0x10'], 'category', ['0x10', '0x11', '0x10', '0x10']],
      [['1_000', '1_000'], 'category', ['1_000', '1_000']],
      [['2012-02-30', '2012-02-30'], 'category', ['2012-02-30', '2012-02-30']],
      [['true', '1', 'true', '1'], 'category', ['true', '1', 'true', '1']],
    ]
    for (const [given, type, values] of table) {
      const { column: found, cells, errors } = column(given)
      assert.deepEqual([errors, found?.type, cells], [[], type, values], JSON.stringify(given))
    }
  })

  it('a column keeps what is missing, whichever way it says so', () => {
    const { column: found, cells } = column(['1', '', 'NA', 'n/a', 'NaN', 'nan', 'null', 'NULL', '?', '-', ' ', '2'])
    assert.deepEqual([found?.type, found?.missing, cells.filter((cell) => cell === null).length], ['integer', 10, 10])
    assert.deepEqual([found?.min, found?.max, found?.mean, found?.std], [1, 2, 1.5, 0.5])
    const named = column(['1', '-999', '-999.0', 'none', '', 'NA', '2'], { missing: ['-999', 'none'] })
    assert.deepEqual([named.column?.type, named.cells], ['text', ['1', null, '-999.0', null, null, 'NA', '2']])
    assert.deepEqual(column(['1', '-999', '-999.0', '', '2'], { missing: ['-999'] }).cells, [1, null, null, null, 2])
    assert.deepEqual(column(['-', '?', '-', '?'], { missing: [] }).cells, ['-', '?', '-', '?'])
    const none = column(['', 'NA'])
    assert.deepEqual([none.column?.type, none.column?.missing, none.column?.levelCount], ['text', 2, 0])
    assert.match(none.notes.join(), /no values/)
  })

  it('a column that is numbers but for a few cells is a category, and says which they are', () => {
    const { column: found, notes, cells } = column([...Array.from({ length: 40 }, (_, at) => String(at % 9)), 'abc', 'x', 'abc', 'y', 'z'])
    assert.deepEqual([found?.type, cells[0], cells[40]], ['category', '0', 'abc'])
    assert.match(
      notes[0] ?? '',
      /^5 values are not numbers: "abc" \(line 42\), "x" \(line 43\), "y" \(line 45\), …; declare it as number with badRows/,
    )
  })

  it('a column that changes at its end is read again as what it is, with the values that it began with', () => {
    const numbers = Array.from({ length: 300_000 }, (_, at) => `${(at % 50) / 10},${at}`)
    const spools = createChunkSpools({ most: 2 ** 28, memory: 0 })
    const { columns, rows, notes } = readTable([`a,b\n${numbers.join('\n')}\nlate,1\n`], { spools })
    assert.deepEqual([columns[0]?.type, columns[0]?.levelCount, columns[1]?.type], ['category', 51, 'integer'])
    assert.deepEqual([rows[1]?.[0], rows[300_000]?.[0], rows[299_999]], ['0.1', 'late', ['4.9', 299_999]])
    assert.match(notes[0]?.message ?? '', /^1 value is not a number: "late" \(line 300002\)/)
  })

  it('a column keeps leading zeros as text, and says so', () => {
    const { column: found, notes, cells } = column(['007', '12', '007', '12'])
    assert.deepEqual([found?.type, cells], ['category', ['007', '12', '007', '12']])
    assert.match(notes[0] ?? '', /leading zeros.*"007" \(line 2\)/)
    assert.deepEqual(column(['12', '007'], { columns: { a: 'number' } }).cells, [12, 7])
    assert.equal(column(['0', '-0.5', '0e1']).column?.type, 'number')
  })

  it('a column says what is odd about it', () => {
    const table: [cells: string[], note: RegExp][] = [
      [['5', '5', '5'], /constant: every value is 5/],
      [['x', 'x', 'x'], /constant: every value is "x"/],
      [['7', '8', '9', '10'], /identifier: whole numbers/],
      [['a1', 'a2', 'a3', 'a4'], /identifier: no two texts/],
      [['1/2/2012', '2/2/2012', '13/2/2012', '1/2/2012'], /dates in an unclear order.*"1\/2\/2012" \(line 2\)/],
      [Array.from({ length: 2400 }, (_, at) => `t${at % 1200}`), /1,200 different texts in 2,400 rows/],
      [['9007199254740993', '1'], /beyond 2\^53/],
    ]
    for (const [cells, note] of table) assert.match(column(cells).notes.join('\n'), note)
    assert.deepEqual(column(['1', '3', '2', '9']).notes, [])
  })

  it('a column is what it is declared to be, and its cells are refused that are not', () => {
    const options: UploadOptions = { columns: { a: 'category', b: 'number', c: 'ignore', d: 'text', e: 'datetime' } }
    const { columns, rows } = read('a,b,c,d,e\n10,1,5,x,2012-01-01\n9,2,6,x,\n10,3,7,x,2012-01-01\n', options)
    assert.deepEqual(
      columns.map(({ type, role }) => [type, role]),
      [
        ['category', null],
        ['number', null],
        ['integer', 'ignored'],
        ['text', null],
        ['datetime', null],
      ],
    )
    assert.deepEqual(rows[1], ['9', 2, 6, 'x', null])
    assert.deepEqual(column(['1', 'true', '0.0', '', 'FALSE'], { columns: { a: 'boolean' } }).cells, [true, true, false, null, false])
    const declared = (type: string, cells: string[]) => column(cells, { columns: { a: type } as UploadOptions['columns'] }).errors
    const table: [type: string, cells: string[], code: string][] = [
      ['number', ['1', 'x', '2', 'y', 'z'], 'not_a_number'],
      ['integer', ['1', '1.5', '2', '2.5', '3.5'], 'not_an_integer'],
      ['boolean', ['true', 'yes', '1', 'no', '2'], 'not_a_boolean'],
      ['date', ['2012-01-01', 'soon', '2012-01-02', '1/2/3', 'x'], 'not_a_date'],
      ['date', ['2012-01-01', '2012-01-01T10:00Z', '2012-01-02', '2012-01-01T11:00Z', '2012-01-01T12:00Z'], 'not_a_date'],
      ['datetime', ['2012-01-01', 'soon', '2012-01-02', 'x', 'y'], 'not_a_date'],
    ]
    for (const [type, cells, code] of table) {
      const [first, ...others] = declared(type, cells)
      assert.deepEqual([first?.code, first?.path, first?.line, first?.column, first?.value], [code, '/rows/1/a', 3, 'a', cells[1]], type)
      assert.match(first?.message ?? '', /; so are 2 others of the column, in line 5, 6$/)
      assert.deepEqual(others, [])
    }
  })
})
