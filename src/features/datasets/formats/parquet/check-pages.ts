/**
 * The pages of a Parquet file, looked at before one of them is decoded: what their headers and the footer say of sizes and of values must
 * agree with each other and with the bytes that are there. The library believes each of them.
 */
import type { ColumnMetaData, FileMetaData } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { type FileBytes, UnreadableTable } from '../binary-table.ts'
import { mostCellBytes, tooMuch } from '../table-bounds.ts'

/** Bytes in which most headers end, and all of them: they may hold the smallest and the largest text. */
const usualHeader = 4096
const longestHeader = 4 * 1024 * 1024

/** @param names of columns that are read @throws UnreadableTable if a page cannot be what it says */
export const checkPages = (file: FileBytes, { row_groups: groups, num_rows: rows }: FileMetaData, names: ReadonlySet<string>): void => {
  const most = mostCellBytes(file.bytes)
  if (4 * Number(rows) * names.size > most) throw tooMuch(most)
  let plain = 0
  for (const { meta_data: chunk } of groups.flatMap(({ columns }) => columns)) {
    if (!chunk || !names.has(chunk.path_in_schema[0] ?? '')) continue
    plain += walk(file, chunkOf(file, chunk))
    if (plain > most) throw tooMuch(most)
  }
}

/** Where a column's pages lie. */
const chunkOf = (file: FileBytes, chunk: ColumnMetaData): Chunk => {
  const name = chunk.path_in_schema[0] ?? ''
  const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset)
  const to = from + Number(chunk.total_compressed_size)
  if (!(from >= 0 && to >= from && to <= file.bytes))
    throw new UnreadableTable(`says that "${name}" lies in its bytes from ${from} to ${to}, of which it has ${file.bytes}`)
  return { name, from, to, values: Number(chunk.num_values) }
}

type Chunk = { name: string; from: number; to: number; values: number }

/** @returns bytes that its pages come to */
const walk = (file: FileBytes, { name, from, to, values }: Chunk): number => {
  let plain = 0
  let left = values
  // What follows the last value is no page that anybody reads.
  for (let at = from; left > 0; ) {
    if (at >= to) throw new UnreadableTable(`says that "${name}" has ${values} values, of which its pages have ${values - left}`)
    const { header, length } = headerAt(file, at, to)
    const { compressed_page_size: packed, uncompressed_page_size: size } = header
    const start = at + length
    if (!(packed >= 0 && size >= 0 && start + packed <= to))
      throw new UnreadableTable(`has a page of "${name}" that says that it has ${packed} bytes, of which ${to - start} are there`)
    const inPage = header.data_page_header_v2?.num_values ?? header.data_page_header?.num_values ?? 0
    const levels = header.dictionary_page_header?.num_values ?? 0
    if (!(inPage >= 0 && inPage <= left && levels >= 0 && levels <= 8 * size))
      throw new UnreadableTable(`has a page of "${name}" that says that it has ${inPage + levels} values, where ${left} are left`)
    left -= inPage
    plain += size
    at = start + packed
  }
  return plain
}

const headerAt = (file: FileBytes, at: number, to: number) => {
  const readWithin = (bytes: number) => {
    const reader = { view: new DataView(file.read(at, Math.min(to, at + bytes)).buffer), offset: 0 }
    return { header: parquetHeader(reader), length: reader.offset }
  }
  try {
    return readWithin(usualHeader)
  } catch (error) {
    if (to - at <= usualHeader) throw error
    return readWithin(longestHeader)
  }
}
