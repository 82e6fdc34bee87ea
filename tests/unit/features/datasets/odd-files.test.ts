/** Files that are not quite what they seem: none of them goes in as something else than it is. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ndjson } from '../../../../src/features/datasets/formats/ndjson.ts'
import { openWhole } from '../../../../src/features/datasets/formats/open-whole.ts'
import { readTable } from '../../../support/read-table.ts'
import { readWholeTable } from '../../../support/read-whole-table.ts'

const fixtures = join(import.meta.dirname, '../../../fixtures/tables')

describe('an odd file', () => {
  it('a cell with a NUL byte is refused wherever the byte stands, and is neither missing nor a number', () => {
    for (const cell of ['\0', '\x0012', '12\0', 'x\0', '"\0"'])
      for (const rows of [`${cell},1\n3,4\n`, `3,4\n${cell},1\n3,4\n`]) {
        const { errors } = readTable([`a,b\n${rows}`])
        assert.deepEqual(
          errors.map(({ code, column }) => [code, column]),
          [['text', 'a']],
          JSON.stringify(rows),
        )
        assert.match(errors[0]?.message ?? '', /^line \d: .*has NUL bytes$/)
      }
  })

  it('the first text of a column keeps the spaces in its quotes as the others do', () => {
    const { rows } = readTable(['a,b\n" x",1\n" x",2\n"x",3\n" x",4\n'])
    assert.deepEqual(
      rows.map(([text]) => text),
      [' x', ' x', 'x', ' x'],
    )
  })

  it('a file of another format that was sent as text is told what to send it as', () => {
    const given: [file: Uint8Array, advice: RegExp][] = [
      [gzipSync('a,b\n1,2\n'), /Content-Encoding: gzip/],
      [Buffer.from('28b52ffd0458310000612c620a312c320a', 'hex'), /Content-Encoding: zstd/],
      [readFileSync(join(fixtures, 'features-labels.npz')), /zip archive, as \.xlsx.* save a spreadsheet as CSV/],
      [readFileSync(join(fixtures, 'all-types-none.parquet')), /application\/vnd\.apache\.parquet/],
      [readFileSync(join(fixtures, 'all-types-uncompressed.arrow')), /application\/vnd\.apache\.arrow\.file/],
      [readFileSync(join(fixtures, 'f8-little.npy')), /application\/x-npy/],
      [Buffer.from('fffe0000610000002c000000', 'hex'), /UTF-32: write it in UTF-8/],
    ]
    for (const [file, advice] of given)
      for (const read of [readTable([file]), readTable([file], { format: ndjson })]) {
        assert.deepEqual([read.code, read.errors.map(({ code }) => code)], ['MALFORMED_BODY', ['other_format']])
        assert.match(read.errors[0]?.message ?? '', advice)
      }
    assert.deepEqual(readTable(['PAR1,ARROW1\n1,2\n']).names, ['PAR1', 'ARROW1'])
  })

  it('a declared column that the table has not is an error that lists those that it has', () => {
    const { errors } = readTable(['a,b\n1,2\n'], { options: { columns: { a: 'number', Id: 'ignore' } } })
    assert.deepEqual(
      errors.map(({ path, code, message }) => [path, code, message]),
      [['/columns/Id', 'unknown_column', 'there is no column "Id"; there are a, b']],
    )
  })

  it('a column of dates with one that no calendar has says which it is', () => {
    const { notes } = readTable([`d,n\n${'2012-01-31,1\n'.repeat(9)}2012-02-30,2\n`])
    assert.deepEqual(
      notes.map(({ message }) => message),
      ['1 value is not a date: "2012-02-30" (line 11); declare it as date with badRows, or name them in missing'],
    )
  })

  it('a few keys a row are no way to a table of a hundred million cells', () => {
    const lines = Array.from({ length: 2000 }, (_, row) => JSON.stringify({ [`a${row}`]: 1, ...Object.fromEntries(keys(row)) }))
    const { code, errors } = readTable([`${lines.join('\n')}\n`], { format: ndjson })
    assert.deepEqual([code, errors[0]?.code], ['BODY_TOO_LARGE', 'too_sparse'])
    assert.match(errors[0]?.message ?? '', /rows of \d+ columns, of which only \d+ cells are there: at least one in 20 must be/)
  })

  it('an array whose bytes are not those of its checksum is refused', async () => {
    const file = readFileSync(join(fixtures, 'features-labels.npz'))
    const at = file.indexOf('PK\x03\x04', 4, 'latin1') - 1
    file.writeUInt8((file[at] ?? 0) ^ 1, at)
    const { refused } = await readWholeTable(file, await openWhole('npz'))
    assert.match(`${refused?.code} ${refused?.detail}`, /^MALFORMED_BODY The file is damaged: the checksum of "\w+\.npy"/)
  })
})

const keys = (row: number): [string, number][] => Array.from({ length: 49 }, (_, at) => [`k${row}_${at}`, at])
