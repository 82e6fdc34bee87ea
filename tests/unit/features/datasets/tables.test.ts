import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { createChunkSpools } from '../../../../src/features/datasets/chunk-spool.ts'
import type { CsvHints } from '../../../../src/features/datasets/formats/csv/dialect.ts'
import { readCsv } from '../../../../src/features/datasets/formats/csv/table.ts'
import { sampleRows } from '../../../../src/features/datasets/sample-rows.ts'
import { createTableWriter, rowsPerChunk } from '../../../../src/features/datasets/table-writer.ts'
import { createErrorList } from '../../../../src/validation/validation-errors.ts'

const read = async (chunks: (string | Buffer)[], hints?: CsvHints) => {
  const errors = createErrorList()
  const rows: number[][] = []
  let names: string[] = []
  const reader = {
    onHeader: (header: string[]) => {
      names = header
    },
    onRow: (row: number[]) => rows.push(row),
  }
  const dialect = await readCsv(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), reader, errors, hints)
  return { ...dialect, names, rows, errors: errors.errors }
}

describe('a CSV', () => {
  it('a CSV is the same however it is cut into pieces', async () => {
    const text = Buffer.from('\ufeff"größe",b\r\n1,2\r\n-3.5e2,"4"\r\n')
    const whole = await read([text])
    assert.deepEqual(whole, {
      delimiter: ',',
      header: true,
      names: ['größe', 'b'],
      rows: [
        [1, 2],
        [-350, 4],
      ],
      errors: [],
    })
    for (let at = 1; at < text.length; at++) assert.deepEqual(await read([text.subarray(0, at), text.subarray(at)]), whole)
  })

  it('a CSV counts lines from 1, with the header, empty lines and lines inside of quotes', async () => {
    const { errors } = await read(['a,b\n\n1,x\n"2","\n3"\n4,\n'])
    assert.deepEqual(
      errors.map(({ line, column, value }) => [line, column, value]),
      [
        [3, 'b', 'x'],
        [6, 'b', ''],
      ],
    )
  })

  const separators = [',', ';', '\t', '|']

  it('a CSV may be separated by comma, semicolon, tab or bar, in lines that end as they like, and may have a mark at its beginning', async () => {
    for (const separator of separators)
      for (const end of ['\n', '\r\n', '\r'])
        for (const mark of ['', '\ufeff']) {
          const text = mark + ['a,b', '1,2.5', '3,4'].join(end).replaceAll(',', separator) + end
          const { delimiter, header, names, rows, errors } = await read([text])
          const expected = [
            [1, 2.5],
            [3, 4],
          ]
          assert.deepEqual(
            { delimiter, header, names, rows, errors },
            { delimiter: separator, header: true, names: ['a', 'b'], rows: expected, errors: [] },
          )
        }
    assert.deepEqual((await read([Buffer.from('\ufeffa\tb\r\n1\t2\r\n', 'utf16le')])).rows, [[1, 2]], 'as a spreadsheet saves Unicode text')
  })

  it('a CSV is told apart by what fits all of its lines, not by what occurs first', async () => {
    const table: [text: string, delimiter: string][] = [
      ['a|b,c\n1,2\n', ','],
      ['"a;b";"c,d"\n1;2\n', ';'],
      ['"x, in m";"y, in s"\n1;2\n3;4\n', ';'],
      ['a\n1\n', ','],
      ['a,b\n1,2\n3\n', ','],
      ['1,2;3,4\n5,6;7,8\n', ';'],
      ['a,b\n"1;2;3",4\n', ','],
    ]
    for (const [text, delimiter] of table) assert.equal((await read([text])).delimiter, delimiter, text)
  })

  it('a CSV is read as it is said to be written, whatever it looks like', async () => {
    assert.deepEqual((await read(['a:b\n1:2\n'], { delimiter: ':' })).rows, [[1, 2]])
    assert.deepEqual((await read(['a;b\n1;2\n'], { delimiter: ',' })).names, ['a;b'])
    assert.deepEqual((await read(['2019,2020\n1,2\n'], { header: true })).names, ['2019', '2020'])
    const { names, rows, errors } = await read(['1,2\n3,4\n'], { header: false })
    assert.deepEqual([names, rows.length, errors], [['x1', 'x2'], 2, []])
    const [error] = (await read(['a,b\n1,2\n'], { header: false })).errors
    assert.deepEqual([error?.line, error?.column, error?.value], [1, 'x1', 'a'])
  })

  it('a CSV may name its separator in a first line sep=, as spreadsheets do, which is neither names nor data', async () => {
    for (const separator of [...separators, ':'])
      for (const end of ['\n', '\r\n', '\r'])
        for (const start of [`sep=${separator}`, `\ufeffSEP=${separator}`, `"sep=${separator}"`]) {
          const { delimiter, header, names, rows } = await read([start + end + ['a,b', '1,2.5'].join(end).replaceAll(',', separator) + end])
          assert.deepEqual([delimiter, header, names, rows], [separator, true, ['a', 'b'], [[1, 2.5]]], JSON.stringify(start + end))
        }
    assert.deepEqual((await read(['sep=;\n1;2\n3;4\n'])).rows.length, 2)
    assert.deepEqual((await read([Buffer.from('\ufeffsep=;\r\na;b\r\n1;2\r\n', 'utf16le')])).rows, [[1, 2]])
    assert.deepEqual((await read(['sep=;\na|b\n1|2\n'], { delimiter: '|' })).rows, [[1, 2]])
    const { errors } = await read(['sep=;\na;b\n1;2\n3;x\n'])
    assert.deepEqual([errors[0]?.line, errors[0]?.path], [4, '/rows/1/b'])
    assert.deepEqual((await read(['sep=x\n1\n'])).names, ['sep=x'])
    const [empty] = (await read(['sep=;\n'])).errors
    assert.equal(empty?.code, 'no_rows')
  })

  it('a CSV without a header keeps its first row, and names its columns', async () => {
    const first = ['5.1,3.5', ' -1e3 ,.5', '"1","2"', '+1,2.', '1,']
    for (const line of first) {
      const { header, names, rows, errors } = await read([`${line}\n4,5\n`])
      assert.deepEqual([header, names], [false, ['x1', 'x2']], line)
      assert.equal(rows.length + errors.length, 2, line)
    }
    assert.deepEqual((await read(['7\n'])).rows, [[7]])
  })

  it('a CSV has a header where any cell of its first line is a name', async () => {
    for (const line of ['a,b', '1,b', '0x10,2', '1_000,2', 'x1,x2', '2020-01-01,1'])
      assert.equal((await read([`${line}\n4,5\n`])).header, true, line)
  })

  it('a CSV keeps cells apart that a tab separates, empty ones too', async () => {
    const { rows, errors } = await read(['a\tb\tc\n1\t\t3\n4\t5\t6\n'])
    assert.deepEqual(rows, [[4, 5, 6]])
    assert.deepEqual(
      errors.map(({ line, column, code }) => [line, column, code]),
      [[2, 'b', 'empty_cell']],
    )
  })

  it('a CSV whose dialect was missed says which option would help', async () => {
    const messages = async (text: string, hints?: CsvHints) => (await read([text], hints)).errors.map(({ message }) => message).join('\n')
    assert.match(await messages('a:b\n1:2;3\n'), /\?delimiter=/)
    assert.match(await messages('a;b\n1,5;2,5\n'), /decimal point/)
    assert.match(await messages('a,b\n'), /\?header=false/)
    assert.match(await messages('a,,c\n1,2,3\n'), /column 2 has no name.*header=false/)
  })

  it('a CSV holds decimal numbers only, within float32', async () => {
    const { rows, errors } = await read(['a\n.5\n+1.\n0x10\n1e400\n-inf\n1_000\ntrue\n'])
    assert.deepEqual(rows, [[0.5], [1]])
    assert.deepEqual(
      errors.map(({ value, code }) => [value, code]),
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
