/** Files of bytes whose lengths, counts and rows say what their bytes do not, each refused before anything is decoded. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Field, makeData, Null, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow'
import { openWhole } from '../../../../src/features/datasets/formats/open-whole.ts'
import { createTurns } from '../../../../src/features/datasets/table/turns.ts'
import { readWholeTable } from '../../../support/read-whole-table.ts'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../../../fixtures/tables', name))

const refusal = async (format: string, bytes: Buffer): Promise<string> => {
  const { refused } = await readWholeTable(bytes, await openWhole(format))
  assert.ok(refused, 'the file was read')
  return `${refused.code} ${refused.errors[0]?.message}`
}

/** A stream of one batch of a column of nulls, all of whose numbers of rows say so many. */
const arrowStream = (rows: number): Buffer => {
  const field = new Field('nothing', new Null(), true)
  const data = makeData({ type: new Struct([field]), length: 77, nullCount: 0, children: [makeData({ type: new Null(), length: 77 })] })
  const writer = new RecordBatchStreamWriter()
  writer.write(new RecordBatch(new Schema([field]), data))
  writer.finish()
  const stream = Buffer.from(writer.toUint8Array(true))
  for (let at = stream.indexOf('4d00000000000000', 0, 'hex'); at >= 0; at = stream.indexOf('4d00000000000000', 0, 'hex'))
    stream.writeBigInt64LE(BigInt(rows), at)
  return stream
}

/** Where the messages of a stream begin, its end mark the last. */
const messagesOf = (stream: Buffer): number[] => {
  const found: number[] = []
  for (let at = stream.indexOf('ffffffff', 0, 'hex'); at >= 0; at = stream.indexOf('ffffffff', at + 4, 'hex'))
    if (at % 8 === 0) found.push(at)
  return found
}

describe('a file whose lengths are lies', () => {
  it('an Arrow batch of more rows than a table of its bytes may have is too large before one row of it is read', async () => {
    assert.match(await refusal('arrow', arrowStream(2 ** 31 - 1)), /^BODY_TOO_LARGE comes to more than \d+ bytes of cells/)
  })

  it('an Arrow message whose header says that it has more elements than bytes is refused', async () => {
    const stream = fixture('all-types.arrows')
    // Sixteen columns: the only vector of so many.
    const fields = stream.indexOf('10000000', 8, 'hex')
    let refused = 0
    for (let at = fields; at >= 0 && at < 3000; at = stream.indexOf('10000000', at + 1, 'hex')) {
      const lying = Buffer.from(stream)
      lying.writeInt32LE(2 ** 31 - 1, at)
      const { refused: is } = await readWholeTable(lying, await openWhole('arrow'))
      if (is) refused++
    }
    assert.ok(refused > 0)
  })

  it('an Arrow batch whose columns say different numbers of rows is refused, and so is one that ends within a message', async () => {
    const stream = fixture('all-types.arrows')
    const refusals: string[] = []
    for (let at = stream.indexOf('0400000000000000', 0, 'hex'); at >= 0; at = stream.indexOf('0400000000000000', at + 1, 'hex')) {
      const lying = Buffer.from(stream)
      lying.writeUInt8(5, at)
      const { refused } = await readWholeTable(lying, await openWhole('arrow'))
      refusals.push(refused?.errors[0]?.message ?? '')
    }
    assert.ok(refusals.some((message) => /^has a batch of \d rows with other numbers of cells/.test(message)))
    for (const end of [stream.length - 20, stream.length - 200])
      assert.match(await refusal('arrow', stream.subarray(0, end)), /ends within a message/)
  })

  it('an Arrow stream that ends between two batches without a mark of its end says so in a note', async () => {
    const stream = fixture('all-types.arrows')
    const whole = await readWholeTable(stream, await openWhole('arrow'))
    const marks = messagesOf(stream)
    const cut = await readWholeTable(stream.subarray(0, marks.at(-1)), await openWhole('arrow'))
    const noted = ({ done }: typeof whole): boolean => done?.notes.some(({ message }) => message.includes('no mark of its end')) ?? false
    assert.deepEqual([noted(whole), noted(cut)], [false, true])
  })

  it('a Parquet page that says that it has more values than its column is refused before it is decoded', async () => {
    const file = fixture('all-types-none.parquet')
    const { parquetMetadata } = await import('hyparquet')
    const { parquetHeader } = await import('hyparquet/src/column.js')
    const chunk = parquetMetadata(Uint8Array.from(file).buffer).row_groups[0]?.columns[0]?.meta_data
    assert.ok(chunk)
    const at = Number(chunk.data_page_offset)
    const reader = { view: new DataView(file.buffer, file.byteOffset + at, 200), offset: 0 }
    const { data_page_header: page } = parquetHeader(reader)
    assert.equal(page?.num_values, 4)
    // Its number of values, as a zigzag varint behind the field of the page's own header.
    const header = file.subarray(at, at + reader.offset)
    const place = header.indexOf('2c1508', 0, 'hex')
    assert.ok(place > 0)
    const lying = Buffer.from(file)
    lying.writeUInt8(0x7e, at + place + 2)
    assert.match(await refusal('parquet', lying), /^MALFORMED_BODY has a page of "whole" that says that it has 63 values, where 4 are left/)
  })
})

describe('files that wait for their turn', () => {
  it('however many files one tenant sends, the file of another waits for one of them at most', async () => {
    const turns = createTurns(2, 60_000)
    const began: string[] = []
    const ends: (() => void)[] = []
    const send = (tenant: string): Promise<void> =>
      turns.take(tenant, () => {
        began.push(tenant)
        return new Promise<void>((resolve) => void ends.push(resolve))
      })
    const sent = [...Array.from({ length: 6 }, () => send('greedy')), send('modest')]
    assert.deepEqual(began, ['greedy', 'greedy'])
    ends[0]?.()
    await sent[0]
    assert.deepEqual(began, ['greedy', 'greedy', 'modest'])
    for (let at = 1; at < sent.length; at++) {
      ends[at]?.()
      await new Promise(setImmediate)
    }
    await Promise.all(sent)
    assert.equal(began.length, 7)
  })

  it('a file whose turn does not come in time is told to come again', async () => {
    const turns = createTurns(1, 1)
    const ends: (() => void)[] = []
    const first = turns.take('a', () => new Promise<void>((resolve) => void ends.push(resolve)))
    await assert.rejects(
      turns.take('b', async () => {}),
      { code: 'UNAVAILABLE' },
    )
    ends[0]?.()
    await first
    await turns.take('b', async () => {})
  })
})
