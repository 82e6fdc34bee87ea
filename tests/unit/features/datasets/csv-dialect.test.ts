import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FileHints } from '../../../../src/features/datasets/table/piece-reader.ts'
import { readTable } from '../../../support/read-table.ts'

const read = (text: string | Uint8Array, hints?: FileHints) => readTable([text], { hints })

describe('the dialect of a CSV', () => {
  const separators = [',', ';', '\t', '|']

  it('a CSV may be separated by comma, semicolon, tab or bar, in lines that end as they like, and may have a mark at its beginning', () => {
    for (const separator of separators)
      for (const end of ['\n', '\r\n', '\r'])
        for (const mark of ['', '\ufeff']) {
          const text = mark + ['a,b', '1,2.5', '3,4'].join(end).replaceAll(',', separator) + end
          const { csv, names, rows, errors } = read(text)
          const expected = [
            [1, 2.5],
            [3, 4],
          ]
          assert.deepEqual(
            { csv, names, rows, errors },
            { csv: { delimiter: separator, header: true }, names: ['a', 'b'], rows: expected, errors: [] },
          )
        }
  })

  it('a CSV of numbers between spaces is read, however many there are, and text with spaces in it stays whole', () => {
    const { csv, rows } = read('59 2 32.1\n 48  1 21.6 \n')
    assert.deepEqual(
      [csv?.delimiter, csv?.header, rows],
      [
        ' ',
        false,
        [
          [59, 2, Math.fround(32.1)],
          [48, 1, Math.fround(21.6)],
        ],
      ],
    )
    assert.deepEqual(read('some words\nmore words\nother words\n').names, ['some words'])
  })

  it('a CSV is told apart by what fits all of its lines, not by what occurs first', () => {
    const table: [text: string, delimiter: string][] = [
      ['a|b,c\n1,2\n', ','],
      ['"a;b";"c,d"\n1;2\n', ';'],
      ['"x, in m";"y, in s"\n1;2\n3;4\n', ';'],
      ['a\n1\n', ','],
      ['1,2;3,4\n5,6;7,8\n', ';'],
      ['a,b\n"1;2;3",4\n', ','],
    ]
    for (const [text, delimiter] of table) assert.equal(read(text).csv?.delimiter, delimiter, text)
  })

  it('a CSV is read as it is said to be written, whatever it looks like', () => {
    assert.deepEqual(read('a:b\n1:2\n', { delimiter: ':' }).rows, [[1, 2]])
    assert.deepEqual(read('a;b\n1;2\n', { delimiter: ',' }).names, ['a;b'])
    assert.deepEqual(read('2019,2020\n1,2\n', { header: true }).names, ['2019', '2020'])
    assert.deepEqual(read("a,b\n'x, y',2\n", { quote: "'" }).rows, [['x, y', 2]])
    assert.deepEqual(read('a,b\n"x,2\n', { quote: 'none' }).rows, [['"x', 2]])
    assert.deepEqual(read('a;b\n1,5;2\n', { decimal: '.' }).rows, [['1,5', 2]])
    assert.deepEqual(read('a,b\n"1,5",2\n', { decimal: ',' }).rows, [[1.5, 2]])
    const { names, rows } = read('1,2\n3,4\n', { header: false })
    assert.deepEqual([names, rows.length], [['x1', 'x2'], 2])
    assert.deepEqual(read('a,b\n1,2\n', { header: false }).rows, [
      ['a', 'b'],
      ['1', '2'],
    ])
  })

  it('a CSV with decimal commas is read with them, and says so', () => {
    for (const text of ['a;b\n1,5;2\n3;4,25\n', 'a\tb\n1,5\t2\n3\t4,25\n', 'a,b\n"1,5",2\n3,"4,25"\n', 'a;b\n1,5;2\n3;1.234,25\n']) {
      const { csv, rows, notes } = read(text)
      assert.equal(csv?.decimal, ',', text)
      assert.deepEqual(rows[0], [1.5, 2], text)
      assert.match(JSON.stringify(notes), /decimal comma/)
    }
    assert.deepEqual(read('a;b\n1.234,25;2\n').rows, [[1234.25, 2]])
    assert.equal(read('a;b\n1.5;2\n').csv?.decimal, undefined)
  })

  it('a CSV whose thousands are set apart is read, where that is plain', () => {
    const { rows, notes } = read('a,b\n"1,234",1\n"12,345,678.5",2\n')
    assert.deepEqual(
      rows,
      [
        [1234, 1],
        [12_345_678, 2],
      ].map(([a, b]) => [a === 12_345_678 ? Math.fround(12_345_678.5) : a, b]),
    )
    assert.match(JSON.stringify(notes), /thousands set apart.*1,234/)
    assert.equal(read('a,b\n"1,23",1\n5.5,2\n').columns[0]?.type, 'category')
  })

  it('a CSV may name its separator in a first line sep=, as spreadsheets do, which is neither names nor data', () => {
    for (const separator of [...separators, ':'])
      for (const end of ['\n', '\r\n', '\r'])
        for (const start of [`sep=${separator}`, `\ufeffSEP=${separator}`, `"sep=${separator}"`]) {
          const { csv, names, rows } = read(start + end + ['a,b', '1,2.5'].join(end).replaceAll(',', separator) + end)
          assert.deepEqual(
            [csv, names, rows],
            [{ delimiter: separator, header: true }, ['a', 'b'], [[1, 2.5]]],
            JSON.stringify(start + end),
          )
        }
    assert.deepEqual(read('sep=;\n1;2\n3;4\n').rows.length, 2)
    assert.deepEqual(read('sep=;\na|b\n1|2\n', { delimiter: '|' }).rows, [[1, 2]])
    const { errors } = read('sep=;\na;b\n1;2\n3\n')
    assert.deepEqual([errors[0]?.line, errors[0]?.path], [4, '/rows/1'])
    assert.deepEqual(read('sep=x\n1\n').names, ['sep=x'])
    const [empty] = read('sep=;\n').errors
    assert.equal(empty?.code, 'no_rows')
  })

  it('a CSV without a header keeps its first row, and names its columns', () => {
    const first = ['5.1,3.5', ' -1e3 ,.5', '"1","2"', '+1,2.', '1,']
    for (const line of first) {
      const { csv, names, rows } = read(`${line}\n4,5\n`)
      assert.deepEqual([csv?.header, names, rows.length], [false, ['x1', 'x2'], 2], line)
    }
    assert.deepEqual(read('7\n').rows, [[7]])
  })

  it('a CSV has a header where any cell of its first line is a name', () => {
    for (const line of ['a,b', '1,b', '0x10,2', '1_000,2', 'x1,x2', '2020-01-01,1'])
      assert.equal(read(`${line}\n4,5\n`).csv?.header, true, line)
  })

  it('a CSV of another tool may begin with a column of row names, or with what scikit-learn writes', () => {
    for (const text of [',a,b\n0,5,x\n1,6,y\n2,7,x\n', '"","a","b"\n"1",5,"x"\n"2",6,"y"\n"3",7,"x"\n', 'a b\n1 5 x\n2 6 y\n3 7 x\n']) {
      const { names, columns, rows, notes, errors } = read(text, text.startsWith('a ') ? { delimiter: ' ' } : {})
      assert.deepEqual(errors, [])
      assert.deepEqual([names, columns[0]?.role, rows[2]?.slice(1)], [['index', 'a', 'b'], 'ignored', [7, 'x']], text)
      assert.match(notes[0]?.message ?? '', /no name/)
    }
    for (const numbers of ['0,5\n1,6\n3,7', '9,5\n2,6\n4,7'])
      assert.equal(read(`,a\n${numbers}\n`).columns[0]?.role, 'ignored', 'the row numbers of a part of a table, in order or not')
    const [unnamed] = read(',a\n5,1\n5,2\n').errors
    assert.deepEqual([unnamed?.code, unnamed?.path], ['empty_name', '/columns/0'])
    const counted = read('4,2,setosa,versicolor\n5.1,3.5,0\n4.9,3.0,1\n7.0,3.2,1\n6.4,3.1,0\n')
    assert.deepEqual([counted.names, counted.csv?.header], [['x1', 'x2', 'target'], false])
    assert.deepEqual(counted.rows.at(-1)?.[2], 'setosa')
    assert.equal(counted.columns[2]?.type, 'category')
  })
})
