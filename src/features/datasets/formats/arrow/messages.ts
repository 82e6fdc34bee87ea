/**
 * The messages of an Arrow stream, looked at before anything is decoded: what they say of lengths and rows must fit the bytes that are
 * there. The library believes it, and fills up what is short.
 */
import { Message, type Schema, Type } from 'apache-arrow'
import { type FileBytes, UnreadableTable } from '../binary-table.ts'
import { mostCellBytes, tooMuch } from '../table-bounds.ts'
import { checkMetadata } from './check-metadata.ts'

const continuation = 0xffff_ffff
/** A compressed buffer begins with its length before it was. */
const lengthBytes = 8

/** `isEnded`: the stream ends with the mark that says so. */
export type CheckedStream = { isEnded: boolean }

/** @throws UnreadableTable if a message is not all there, or says of itself what cannot be */
export const checkMessages = (file: FileBytes, from: number, to: number): CheckedStream => {
  let columns: number[] = []
  let [cells, plain] = [0, 0]
  const most = mostCellBytes(file.bytes)
  for (let at = from; at < to; ) {
    const frame = frameAt(file, at, to)
    if (frame.length === 0) return { isEnded: true }
    const { message, body } = messageIn(file, frame, to)
    at = body + message.bodyLength
    if (message.isSchema()) columns = topNodes(message.header())
    if (message.isRecordBatch()) cells += checkRows(message.header(), columns) * columns.length
    plain += plainBytes(file, message, body)
    if (4 * cells > most || plain > most) throw tooMuch(most)
  }
  return { isEnded: false }
}

const messageIn = (file: FileBytes, { start, length }: Frame, to: number): { message: Message; body: number } => {
  const header = file.read(start, start + length)
  checkMetadata(header)
  const message = Message.decode(header)
  const body = start + length
  if (!(message.bodyLength >= 0 && body + message.bodyLength <= to))
    throw new UnreadableTable(`ends within a message: ${message.bodyLength} bytes should follow, of which ${to - body} are there`)
  return { message, body }
}

/** The rows of a batch, of which each of its columns must have as many. */
const checkRows = ({ length: rows, nodes }: { length: number; nodes: { length: number }[] }, columns: readonly number[]): number => {
  if (!(rows >= 0) || columns.some((node) => nodes[node]?.length !== rows))
    throw new UnreadableTable(`has a batch of ${rows} rows with other numbers of cells in its columns`)
  return rows
}

/** Bytes that the buffers of a batch come to, each of which must lie in its message. */
const plainBytes = (file: FileBytes, message: Message, body: number): number => {
  if (!message.isRecordBatch() && !message.isDictionaryBatch()) return 0
  const { buffers } = message.header()
  const compression = message.isRecordBatch() ? message.header().compression : message.header().data.compression
  let plain = 0
  for (const { offset, length } of buffers) {
    if (!(offset >= 0 && length >= 0 && offset + length <= message.bodyLength))
      throw new UnreadableTable(`has a buffer of ${length} bytes at ${offset} in a message of ${message.bodyLength}`)
    plain += compression ? plainLength(file, body + offset, length) : length
  }
  return plain
}

type Frame = { start: number; length: number }

const frameAt = (file: FileBytes, at: number, to: number): Frame => {
  const word = (place: number): number => {
    if (place + 4 > to) throw new UnreadableTable('ends within a message')
    return new DataView(file.read(place, place + 4).buffer).getUint32(0, true)
  }
  // Before version 0.15 there was no mark before the length.
  const isMarked = word(at) === continuation
  const start = at + (isMarked ? 8 : 4)
  const length = word(start - 4)
  if (start + length > to) throw new UnreadableTable(`ends within a message: it says that its header has ${length} bytes`)
  return { start, length }
}

const plainLength = (file: FileBytes, at: number, length: number): number => {
  if (length < lengthBytes) return length
  const said = Number(new DataView(file.read(at, at + lengthBytes).buffer).getBigInt64(0, true))
  if (said < -1) throw new UnreadableTable(`has a compressed buffer that says that it has ${said} bytes`)
  return said === -1 ? length : said
}

/** Which of a batch's nodes, which are listed depth first, are its columns. */
const topNodes = ({ fields }: Schema): number[] => {
  let node = 0
  return fields.map((field) => {
    const own = node
    node += nodesOf(field.type)
    return own
  })
}

type Nested = { typeId: Type; children?: { type: Nested }[] | null }

const nodesOf = ({ typeId, children }: Nested): number =>
  1 + (typeId === Type.Dictionary ? 0 : (children ?? []).reduce((sum, child) => sum + nodesOf(child.type), 0))
