import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FileHints } from '../../../../src/features/datasets/table/piece-reader.ts'
import { readTable } from '../../../support/read-table.ts'

const read = (text: string | Uint8Array, hints?: FileHints) => readTable([text], { hints })

describe('a CSV', () => {
  it('a CSV is the same however it is cut into pieces', () => {
    for (const text of [
      '\ufeff"größe",b\r\n1,2\r\n-3.5e2,"4"\r\n',
      'name,"a ""b"""\r"x, y",1\r"l\r\nine",\r',
      'a;b\n1,5;"x""y"\n;2012-01-01\n',
      'sep=;\r\na;b\r\n1;2\r\n',
      'a¦b\n1¦2\nx¦3',
    ]) {
      const bytes = Buffer.from(text)
      const hints = text.includes('¦') ? { delimiter: '¦' } : {}
      const { parts: _, ...whole } = readTable([bytes], { hints })
      assert.equal(whole.code, undefined, JSON.stringify(whole.errors))
      for (let at = 1; at < bytes.length; at++) {
        const { parts: _, ...cut } = readTable([bytes.subarray(0, at), bytes.subarray(at)], { hints })
        assert.deepEqual(cut, whole, `${text} at ${at}`)
      }
    }
  })

  it('a CSV is the same in pieces that are smaller than what is looked at first, and larger', () => {
    const lines = Array.from({ length: 30_000 }, (_, row) => `${row},${row / 4},"t ${row % 7}",${row % 2 ? '' : '2012-01-01T10:00:00.5Z'}`)
    const bytes = Buffer.from(`a,b,c,d\n${lines.join('\n')}\n`)
    const pieces = (size: number) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
    const { contentHash, rows } = readTable([bytes])
    assert.equal(rows.length, 30_000)
    assert.deepEqual(rows[29_998], [29_998, 7499.5, 't 3', '2012-01-01T10:00:00.5Z'])
    for (const size of [1009, 65_536, 300_000]) assert.equal(readTable(pieces(size)).contentHash, contentHash)
  })

  it('a CSV counts lines from 1, with the header, empty lines and lines inside of quotes', () => {
    const { badRows } = readTable(['a,b\n\n1,x\n"2","\n3"\n4,y\n5,6\n'], { options: { columns: { b: 'number' }, badRows: { max: 2 } } })
    assert.deepEqual(
      badRows?.rows.map(({ line }) => line),
      [3, 6],
    )
  })

  it('a CSV keeps cells apart that a tab separates, empty ones too', () => {
    assert.deepEqual(read('a\tb\tc\n1\t\t3\n4\t5\t\n').rows, [
      [1, null, 3],
      [4, 5, null],
    ])
  })

  it('a CSV is text in UTF-8, UTF-16 or what is said, and never something in between', () => {
    const text = 'größe;wo\r\n1;Köln\r\n2;Zürich\r\n'
    const expected = [
      [1, 'Köln'],
      [2, 'Zürich'],
    ]
    const swapped = (bytes: Buffer) => bytes.swap16()
    const files: [Buffer, FileHints, string | undefined][] = [
      [Buffer.from(text), {}, undefined],
      [Buffer.from(`\ufeff${text}`, 'utf16le'), {}, 'utf-16le'],
      [swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), {}, 'utf-16be'],
      [Buffer.from(text, 'utf16le'), {}, 'utf-16le'],
      [Buffer.from(text, 'utf16le'), { contentType: 'text/csv; charset=utf-16le' }, 'utf-16le'],
      [Buffer.from(text, 'latin1'), { charset: 'iso-8859-1' }, 'iso-8859-1'],
      [Buffer.from(text, 'latin1'), { contentType: 'text/csv; charset="ISO-8859-1"' }, 'iso-8859-1'],
      [Buffer.from(text, 'latin1'), { contentType: 'text/csv; charset=windows-1252' }, 'windows-1252'],
    ]
    for (const [bytes, hints, charset] of files) {
      const { names, rows, csv, errors } = read(bytes, hints)
      assert.deepEqual([names, rows, csv?.charset], [['größe', 'wo'], expected, charset], JSON.stringify(errors))
    }
    const [header] = read(Buffer.from(text, 'latin1')).errors
    assert.deepEqual([header?.code, header?.path, header?.line], ['text', '/columns/0', 1])
    assert.match(header?.message ?? '', /\?charset=/)
    const [cell, ...others] = read(Buffer.from('a;b\n1;Ort\n2;Köln\n3;Zürich\n', 'latin1')).errors
    assert.deepEqual([cell?.code, cell?.path, cell?.line, cell?.column, others], ['text', '/rows/1/b', 3, 'b', []])
    assert.match(cell?.message ?? '', /\?charset=.*line 4/)
    const broken = read(Buffer.concat([Buffer.from('\ufeffa\n', 'utf16le'), Buffer.from([0x00, 0xd8, 0x0a, 0x00])]))
    assert.deepEqual([broken.code, broken.errors[0]?.code], ['MALFORMED_BODY', 'text'])
    assert.equal(read('a\n1\n', { contentType: 'text/csv; charset=ebcdic' }).errors[0]?.code, 'unknown_charset')
  })

  it('a CSV with quotes that do not match is told apart from one with wrong rows', () => {
    const table: [string, string, number][] = [
      ['a,b\n1,2"\n', 'INVALID_OPENING_QUOTE', 2],
      ['a,b\n1,"2\n', 'CSV_QUOTE_NOT_CLOSED', 2],
      ['a,b\n1,"2"3\n', 'CSV_INVALID_CLOSING_QUOTE', 2],
    ]
    for (const [text, code, line] of table) {
      const { code: problem, errors } = read(text)
      assert.deepEqual(
        [problem, errors.length, errors[0]?.code, errors[0]?.line, errors[0]?.path],
        ['MALFORMED_BODY', 1, code, line, '/rows'],
        text,
      )
    }
  })

  it('a CSV with ragged rows is refused with one error that names the first and counts the others', () => {
    const { errors } = read('a,b,c\n1,2,3\n4,5\n6,7,8\n9\n1,2,3,4\n')
    assert.equal(errors.length, 1)
    assert.deepEqual([errors[0]?.code, errors[0]?.line, errors[0]?.path], ['ragged_row', 3, '/rows/1'])
    assert.match(errors[0]?.message ?? '', /^line 3 has 2 cells, but the first line has 3; 2 other lines differ from it too: 5, 6$/)
    assert.deepEqual(readTable(['a,b\n1,2\n3\n4,5\n'], { options: { badRows: { max: 1 } } }).rows, [
      [1, 2],
      [4, 5],
    ])
  })

  it('a CSV of no rows says what would help', () => {
    const message = (text: string) => read(text).errors[0]?.message ?? ''
    assert.match(message(''), /the file is empty/)
    assert.match(message('\n\n'), /the file is empty/)
    assert.match(message('a,b\n'), /no rows below its header.*\?header=false/)
    assert.match(message('a,,c\n1,2,3\n'), /column 2 has no name.*header=false/)
  })

  it('a line without an end is given up before it fills the memory', () => {
    const piece = Buffer.alloc(2 ** 20, 'x')
    const line = readTable([Buffer.from('a\n'), ...Array.from({ length: 40 }, () => piece)])
    assert.deepEqual([line.code, line.errors[0]?.code, line.errors[0]?.line], ['MALFORMED_BODY', 'CSV_MAX_RECORD_SIZE', 2])
    const cells = Buffer.from('1,'.repeat(2 ** 19))
    assert.equal(readTable([Buffer.from('a,b\n1,2\n'), ...Array.from({ length: 40 }, () => cells)]).errors[0]?.code, 'CSV_MAX_RECORD_SIZE')
    const open = Buffer.from(`a\n"${'x\n'.repeat(2 ** 19)}`)
    assert.equal(readTable([open, ...Array.from({ length: 40 }, () => piece)]).errors[0]?.code, 'CSV_MAX_RECORD_SIZE')
  })

  it('a table of a hundred thousand columns is read, one of more than may be is refused', () => {
    const wide = Array.from({ length: 100_000 }, (_, at) => at)
    const { rows, columns } = read(`${wide.map((at) => `c${at}`).join(',')}\n${wide.join(',')}\n`)
    assert.deepEqual([rows[0]?.[99_999], columns.length, columns[0]?.quartiles], [99_999, 100_000, undefined])
    const { errors } = read(`${','.repeat(250_000)}\n`)
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['too_many_columns'],
    )
  })
})
