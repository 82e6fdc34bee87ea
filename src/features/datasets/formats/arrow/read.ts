/** Tables in Arrow's IPC formats, one record batch after the other. A file is a stream with a mark before it and a footer behind. */
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow'
import { decompress as unzstd } from 'fzstd'
import { type BinaryTable, type FileBytes, feedRows, UnreadableTable } from '../binary-table.ts'
import { unlz4 } from '../lz4.ts'
import { maxColumns } from '../upload-format.ts'
import { checkVector } from './check-vector.ts'
import { cellTeller, columnsOf } from './columns.ts'
import { checkMessages } from './messages.ts'

const unended = 'the stream has no mark of its end: if its writer writes one, batches are missing at the end'
const mark = 'ARROW1'
/** The mark before the stream in a file, filled up to a multiple of eight bytes. */
const beforeStream = 8
/** The length of the footer and another mark behind it. */
const behindFooter = 4 + mark.length
const pieceBytes = 1024 * 1024

/** Reads either of the formats; which of them a file has, its first bytes say. */
export const openArrow = (file: FileBytes): BinaryTable => {
  // Copied, since what it gives is not aligned as numbers must be.
  compressionRegistry.set(CompressionType.ZSTD, { decode: (data) => unzstd(data).slice() })
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unlz4 })
  const [from, to] = streamIn(file)
  const { isEnded } = checkMessages(file, from, to)
  const open = () => {
    const reader = RecordBatchReader.from(piecesOf(file, from, to))
    reader.open({ autoDestroy: true })
    return reader
  }
  const { schema } = open()
  if (!schema) throw new UnreadableTable('is no Arrow stream, or not all of it: it has no schema')
  const { columns, notes } = columnsOf(schema.fields, schema.metadata)
  if (schema.fields.length > maxColumns) throw new UnreadableTable(`has ${schema.fields.length} columns; a table may have ${maxColumns}`)
  if (columns.length === 0) throw new UnreadableTable('has no column of plain values')
  return {
    names: columns.map(({ name }) => name),
    types: Object.fromEntries(
      columns.flatMap(({ name, declared, isIndex }) =>
        isIndex ? [[name, 'ignore'] as const] : declared ? [[name, declared] as const] : [],
      ),
    ),
    // The mark may be left out where a stream ends with its connection (Arrow's specification), but nothing else tells that it is whole.
    notes: isEnded ? notes : [...notes, { column: null, message: unended }],
    feed: (builder) => {
      let first = 0
      for (const batch of open()) {
        const tellers = columns.map((column, place) => {
          const vector = batch.getChildAt(column.index)
          if (!vector || vector.length !== batch.numRows)
            throw new UnreadableTable(`has a batch of ${batch.numRows} rows without as many cells of "${column.name}"`)
          checkVector(column.name, vector)
          return cellTeller(builder, place, column, vector)
        })
        feedRows(builder, { rows: batch.numRows, first, width: columns.length }, (column, row) => tellers[column]?.(row))
        first += batch.numRows
      }
    },
  }
}

/** Where the stream lies. */
const streamIn = (file: FileBytes): [from: number, to: number] => {
  const textAt = (from: number): string =>
    from >= 0 && from + mark.length <= file.bytes ? Buffer.from(file.read(from, from + mark.length)).toString('latin1') : ''
  if (textAt(0) !== mark) return [0, file.bytes]
  if (textAt(file.bytes - mark.length) !== mark || file.bytes < beforeStream + behindFooter)
    throw new UnreadableTable(`is no Arrow file, or not all of it: it does not end with ${mark}`)
  const length = new DataView(file.read(file.bytes - behindFooter, file.bytes).buffer).getInt32(0, true)
  const to = file.bytes - behindFooter - length
  if (length < 0 || to < beforeStream) throw new UnreadableTable(`says that its footer has ${length} bytes, which it has not`)
  return [beforeStream, to]
}

function* piecesOf(file: FileBytes, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; at += pieceBytes) yield file.read(at, Math.min(to, at + pieceBytes))
}
