/** Cells that are nearly numbers or times, and numbers as a description shows them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readTable } from '../../../support/read-table.ts'

const notesOf = (text: string): string[] => readTable([text]).notes.map(({ message }) => message)

describe('the cells of a table', () => {
  it('numbers with spaces in them, no-break ones too, are kept as text with a note that says what to do', () => {
    for (const space of ['\u00a0', '\u202f', '\u2009', ' '])
      for (const cell of [`1${space}234`, `${space}12`, `1${space}234${space}567.5`]) {
        const [note] = notesOf(`a;b\n${`"${cell}";1\n`.repeat(5)}`)
        // Around a number a plain space is no part of it.
        if (space === ' ' && cell.startsWith(' ')) continue
        assert.match(note ?? '', /^has numbers with spaces in them, such as .*: kept as text; write them without/, JSON.stringify(cell))
      }
  })

  it('one odd text among a hundred thousand different numbers is told with its line and what to do', () => {
    const rows = Array.from({ length: 100_100 }, (_, row) => `${row}.5,1`)
    rows[70_000] = 'odd,1'
    const notes = notesOf(`a,b\n${rows.join('\n')}\n`)
    assert.ok(
      notes.some((message) => /"odd" \(line 70002\); declare what the column is with badRows, or name them in missing/.test(message)),
      notes.join('\n'),
    )
  })

  it('a leap second is the second after it, and no other minute has one', () => {
    const { rows, columns } = readTable(['t,n\n2016-12-31T23:59:60Z,1\n2017-01-01T00:59:60+01:00,2\n2016-12-31 23:59:59,3\n'])
    assert.equal(columns[0]?.type, 'datetime')
    assert.deepEqual(
      rows.map(([time]) => time),
      ['2017-01-01T00:00:00Z', '2017-01-01T00:00:00Z', '2016-12-31T23:59:59Z'],
    )
    assert.notEqual(readTable(['t,n\n2016-12-31T12:00:60Z,1\n2016-12-31T12:00:00Z,2\n']).columns[0]?.type, 'datetime')
  })

  it('a description shows numbers as the shortest decimals that are stored as they are, as rows do', () => {
    const [column] = readTable(['x,n\n32.1,1\n0.1,2\n7.7,3\n1e10,4\n']).columns
    assert.deepEqual([column?.min, column?.max, column?.histogram?.edges.at(0), column?.quartiles?.[0]].slice(0, 3), [0.1, 1e10, 0.1])
    assert.deepEqual(readTable(['x,n\n32.1,1\n0.1,2\n7.7,3\n']).columns[0]?.quartiles?.[1], 7.7)
  })

  it('whole numbers so large that the next one is the same are constant, and no identifier', () => {
    const notes = notesOf(`a,b\n${'9223372036854775808,1\n'.repeat(5)}`)
    assert.ok(notes.some((message) => message.startsWith('is constant')))
    assert.ok(!notes.some((message) => message.includes('follow one another')))
  })
})
