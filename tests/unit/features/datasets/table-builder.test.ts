import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UploadOptions } from '../../../../src/api/upload-options.schema.ts'
import { createChunkSpools } from '../../../../src/features/datasets/chunk-spool.ts'
import { createTableBuilder } from '../../../../src/features/datasets/table/builder.ts'
import { describeTable } from '../../../../src/features/datasets/table/describe-table.ts'
import { formatDate, formatDatetime, parseMoment } from '../../../../src/features/datasets/table/moments.ts'
import { parseNumber, pointMarks } from '../../../../src/features/datasets/table/numbers.ts'
import type { CellValue } from '../../../../src/features/datasets/table/typed-cells.ts'
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
    const declared = (type: string, cells: string[]) => column(cells, { columns: { a: type } as UploadOptions['columns'] }).errors
    const table: [type: string, cells: string[], code: string][] = [
      ['number', ['1', 'x', '2', 'y', 'z'], 'not_a_number'],
      ['integer', ['1', '1.5', '2', '2.5', '3.5'], 'not_an_integer'],
      ['boolean', ['true', 'yes', 'false', 'no', '1'], 'not_a_boolean'],
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
