/** Parquet, Arrow and NumPy files as their own libraries write them (tests/fixtures/tables/make.py), read cell by cell. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { UploadOptions } from '../../../../src/api/upload-options.schema.ts'
import { openWhole } from '../../../../src/features/datasets/formats/open-whole.ts'
import { readWholeTable } from '../../../support/read-whole-table.ts'

const folder = join(import.meta.dirname, '../../../fixtures/tables')
const formats: Record<string, string> = { parquet: 'parquet', arrows: 'arrow', arrow: 'arrowFile', npy: 'npy', npz: 'npz' }

const read = async (name: string, options?: UploadOptions, change = (bytes: Buffer): Buffer => bytes) =>
  readWholeTable(change(readFileSync(join(folder, name))), await openWhole(formats[name.split('.').at(-1) ?? ''] ?? ''), options)

const readDone = async (name: string, options?: UploadOptions) => {
  const table = await read(name, options)
  assert.ok(table.done, JSON.stringify(table.refused))
  return { ...table, names: table.done.columns.map((column) => column.name), types: table.done.columns.map(({ type }) => type) }
}

const refusal = async (name: string, change?: (bytes: Buffer) => Buffer): Promise<string> => {
  const { refused } = await read(name, {}, change)
  assert.ok(refused, `${name} was read`)
  assert.equal(refused.errors.length, 1)
  return `${refused.code} ${refused.errors[0]?.message}`
}

/** The columns of `all-types`, which every library can keep. */
const columns: Record<string, (number | string | boolean | null)[]> = {
  whole: [1, 2, null, 4, 5, 6],
  large: [0, 1, 2, 3, 4, 5].map((at) => 2 ** 40 + at),
  huge: Array(6).fill(2 ** 63),
  real: [0.5, null, null, -1.25, 1e10, 3],
  half: [0.5, 1, 2, -3, 0, 65504],
  truth: [true, false, null, true, true, false],
  text: ['a', 'bb', 'ä€', null, 'a', 'bb'],
  colour: ['red', 'green', null, 'red', 'red', 'green'],
  day: ['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-04', '2020-01-05', '2020-01-06'],
  micro: [1, 2, 3, 4, 5, 6].map((hour) => `2020-01-01T0${hour}:02:03.456789Z`),
  nano: ['1969-12-31T23:59:59Z', ...[0, 1, 2, 3, 4].map((second) => `1970-01-01T00:00:0${second}Z`)],
  money: [-1, -0.75, -0.5, -0.25, 0, 0.25],
  clock: [3720, 3721, 3722, 3723, 3724, 3725],
  none: Array(6).fill(null),
}
const types = [
  'integer',
  'integer',
  'integer',
  'number',
  'number',
  'boolean',
  'category',
  'category',
  'date',
  'datetime',
  'datetime',
  'number',
  'integer',
  'text',
]

describe('a file that is read as a whole', () => {
  for (const name of readdirSync(folder).filter((file) => file.startsWith('all-types')))
    it(`${name} is read cell by cell, with the types that it says`, async () => {
      const { done, rows, names, types: read } = await readDone(name)
      assert.deepEqual(names, Object.keys(columns))
      for (const [column, [title, values]] of Object.entries(columns).entries())
        assert.deepEqual(
          rows.map((row) => row[column]),
          title === 'real' ? values.map((value) => (value === 1e10 ? Math.fround(1e10) : value)) : values,
          title,
        )
      assert.deepEqual(read, types)
      const noted = done.notes.map(({ column, message }) => `${column}: ${message}`).join('\n')
      assert.match(noted, /list: holds .* left out/)
      assert.match(noted, /record: holds .* left out/)
      assert.match(noted, /huge: .*2\^53/)
    })

  it('a column is what the upload declares it to be, whatever its file says', async () => {
    for (const name of ['all-types-none.parquet', 'all-types.arrows']) {
      const {
        rows,
        types: read,
        names,
      } = await readDone(name, { columns: { huge: 'text', day: 'text', micro: 'number', text: 'category', whole: 'ignore' } })
      const cell = (column: string) => rows[1]?.[names.indexOf(column)]
      assert.equal(cell('huge'), '9223372036854775809')
      assert.equal(cell('day'), '2020-01-02')
      assert.ok(Math.abs(Number(cell('micro')) - 18262.0847) < 0.01)
      assert.equal(read[names.indexOf('text')], 'category')
    }
  })

  it('a column that pandas made of an index is left out of training', async () => {
    const { done } = await readDone('indexed.parquet')
    assert.deepEqual(
      done.columns.map(({ name, role }) => [name, role]),
      [
        ['x', null],
        ['__index_level_0__', 'ignored'],
      ],
    )
  })

  it('NumPy arrays of every type of numbers, in any order of bytes and of dimensions, are the same table', async () => {
    const values = [
      [0, 1, 2],
      [3, 4, 5],
      [-6, 7, 100],
      [9, 10, 11],
    ]
    const names = readdirSync(folder).filter((file) => /^([if]\d-(big|little)|fortran)\.npy$/.test(file))
    assert.ok(names.length >= 12)
    for (const name of names) assert.deepEqual((await readDone(name)).rows, values, name)
    for (const name of ['u1.npy', 'u8.npy']) assert.deepEqual((await readDone(name)).rows[2], [6, 7, 100], name)
    const cube = await readDone('cube.npy')
    assert.deepEqual([cube.rows[1]?.[0], cube.rows[1]?.[11], cube.names.length], [12, 23, 12])
    assert.deepEqual((await readDone('fortran-cube.npy')).rows, cube.rows)
    assert.deepEqual((await readDone('list.npy')).rows, [[1.5], [null], [3]])
  })

  it('a structured NumPy array has columns of the names and types of its fields', async () => {
    const { names, rows, types: read } = await readDone('records.npy', { columns: { a: 'category' } })
    assert.deepEqual(names, ['a', 'b', 's', 't', 'd', 'm'])
    assert.deepEqual(read, ['category', 'number', 'category', 'boolean', 'date', 'datetime'])
    assert.deepEqual(rows, [
      ['1', 2.5, 'ä', true, '2020-01-01', '2020-01-01T01:02:03Z'],
      ['1152921504606846977', 3.5, null, false, null, '1969-12-31T23:00:00Z'],
    ])
  })

  it('arrays of an archive are features and labels by their names, and columns of these names if not', async () => {
    const { done, names, rows } = await readDone('features-labels.npz')
    assert.deepEqual([names, done.options], [['x1', 'x2', 'x3', 'y'], { features: ['x1', 'x2', 'x3'], labels: ['y'] }])
    assert.deepEqual(rows[2], [-6, 7, 100, 1])
    assert.deepEqual((await readDone('images.npz')).done.options.inputShape, [4, 4, 1])
    assert.deepEqual((await readDone('named.npz')).names, ['age', 'm1', 'm2'])
    assert.deepEqual((await readDone('features-labels.npz', { features: ['x1'], labels: ['x2'] })).done.options.labels, ['x2'])
  })

  it('what is no table of cells is refused with what it is', async () => {
    assert.match(await refusal('objects.npy'), /^MALFORMED_BODY .*objects of Python/)
    assert.match(await refusal('complex.npy'), /<c16/)
    assert.match(await refusal('no-rows.npy'), /^VALIDATION_FAILED .*no rows/)
    assert.match(await refusal('unequal.npz'), /4 rows in "a", but 5 in "b"/)
    assert.match(await refusal('bomb.npz'), /250 times/)
    assert.match(await refusal('other.npz'), /"readme.txt", which is no array/)
  })

  it('a file that is cut off anywhere is refused, or has fewer rows than it had', async () => {
    for (const name of ['all-types-snappy.parquet', 'all-types.arrows', 'all-types-lz4.arrow', 'f8-little.npy', 'features-labels.npz']) {
      const whole = await readDone(name)
      const { length } = readFileSync(join(folder, name))
      for (let cut = 0; cut < 40; cut++) {
        const table = await read(name, {}, (bytes) => bytes.subarray(0, Math.floor((cut / 40) * length)))
        // A stream may end after any of its batches.
        if (table.done) assert.ok(name.endsWith('.arrows') && table.rows.length < whole.rows.length, `${name} cut at ${cut}/40`)
        else assert.match(table.refused.code, /^(MALFORMED_BODY|VALIDATION_FAILED)$/)
      }
    }
  })

  it('a day that no calendar has is refused, and not read as another', async () => {
    const first = 18_262
    const moved = (bytes: Buffer): Buffer => {
      const day = Buffer.alloc(4)
      day.writeInt32LE(first)
      const at = bytes.indexOf(day)
      assert.ok(at > 0)
      const copy = Buffer.from(bytes)
      copy.writeInt32LE(2 ** 31 - 1, at)
      return copy
    }
    for (const name of ['all-types-uncompressed.arrow', 'all-types.arrows']) {
      assert.match(await refusal(name, moved), /^VALIDATION_FAILED .*"day".*2147483647 days/s)
    }
  })

  it('a Parquet footer that lies about rows, lengths or places is refused', async () => {
    const name = 'all-types-none.parquet'
    const footer = (bytes: Buffer): number => bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
    const whole = await readDone(name)
    let refused = 0
    for (let at = 0; at < 300; at++) {
      const table = await read(name, {}, (bytes) => {
        const copy = Buffer.from(bytes)
        const place = footer(copy) + Math.floor((at / 300) * (copy.length - 8 - footer(copy)))
        copy[place] = (copy[place] ?? 0) ^ 0xff
        return copy
      })
      if (table.refused) refused++
      else assert.equal(table.rows.length, whole.rows.length)
    }
    assert.ok(refused > 30, `${refused} were refused`)
    assert.match(
      await refusal(name, (bytes) => {
        const copy = Buffer.from(bytes)
        copy.writeUInt32LE(0x7fffffff, copy.length - 8)
        return copy
      }),
      /MALFORMED_BODY/,
    )
  })
})
