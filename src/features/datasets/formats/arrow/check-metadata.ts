/**
 * The header of an Arrow message, a flatbuffer, looked at before the library reads it, which believes what its vectors say of their
 * lengths and follows its offsets wherever they lead. Numbers of fields are those of Arrow's Message.fbs and Schema.fbs.
 */
import { UnreadableTable } from '../binary-table.ts'

const fieldsOf = {
  message: { headerType: 1, header: 2, metadata: 4 },
  schema: { fields: 1, metadata: 2 },
  field: { children: 5, metadata: 6 },
  recordBatch: { nodes: 1, buffers: 2, variadic: 4 },
  dictionaryBatch: { data: 1 },
}
const headerTypes = { schema: 1, dictionaryBatch: 2, recordBatch: 3 }
/** Bytes of an offset, of a node or a buffer, and of a count. */
const [offsetBytes, structBytes, countBytes] = [4, 16, 8]

/** @throws UnreadableTable if a vector of it is longer than it is, or all together are */
export const checkMetadata = (bytes: Uint8Array): void => {
  try {
    checkMessage(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (error) {
    throw error instanceof RangeError ? damaged() : error
  }
}

const damaged = (): UnreadableTable => new UnreadableTable('has a message whose header is damaged')

const checkMessage = (view: DataView): void => {
  // Each element takes more than one byte, and is meant once.
  let left = view.byteLength

  /** Where a table's field lies; undefined if it has its default. */
  const fieldAt = (table: number, index: number): number | undefined => {
    const vtable = table - view.getInt32(table, true)
    const slot = 4 + 2 * index
    const offset = slot < view.getUint16(vtable, true) ? view.getUint16(vtable + slot, true) : 0
    return offset === 0 ? undefined : table + offset
  }
  const target = (place: number): number => place + view.getUint32(place, true)
  const tableAt = (table: number, index: number): number | undefined => {
    const place = fieldAt(table, index)
    return place === undefined ? undefined : target(place)
  }
  const vectorAt = (table: number, index: number, elementBytes: number): number[] => {
    const start = tableAt(table, index)
    if (start === undefined) return []
    const count = view.getUint32(start, true)
    left -= count
    if (left < 0 || start + 4 + count * elementBytes > view.byteLength) throw damaged()
    return Array.from({ length: count }, (_, at) => start + 4 + at * elementBytes)
  }

  const checkField = (field: number): void => {
    vectorAt(field, fieldsOf.field.metadata, offsetBytes)
    for (const child of vectorAt(field, fieldsOf.field.children, offsetBytes)) checkField(target(child))
  }
  const checkBatch = (batch: number): void => {
    vectorAt(batch, fieldsOf.recordBatch.nodes, structBytes)
    vectorAt(batch, fieldsOf.recordBatch.buffers, structBytes)
    vectorAt(batch, fieldsOf.recordBatch.variadic, countBytes)
  }
  const message = target(0)
  vectorAt(message, fieldsOf.message.metadata, offsetBytes)
  const header = tableAt(message, fieldsOf.message.header)
  const type = fieldAt(message, fieldsOf.message.headerType)
  if (header === undefined || type === undefined) throw damaged()
  const kind = view.getUint8(type)
  if (kind === headerTypes.schema) {
    vectorAt(header, fieldsOf.schema.metadata, offsetBytes)
    for (const field of vectorAt(header, fieldsOf.schema.fields, offsetBytes)) checkField(target(field))
  } else if (kind === headerTypes.recordBatch) checkBatch(header)
  else if (kind === headerTypes.dictionaryBatch) {
    const batch = tableAt(header, fieldsOf.dictionaryBatch.data)
    if (batch === undefined) throw damaged()
    checkBatch(batch)
  }
}
