/** Tables in Parquet, one slice of rows of a row group after the other. */
import { gunzipSync } from 'node:zlib'
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet'
import { compressors as others } from 'hyparquet-compressors'
import type { TableBuilder } from '../../table/builder.ts'
import { type BinaryTable, type FileBytes, feedRows, UnreadableTable } from '../binary-table.ts'
import { unlz4Block } from '../lz4.ts'
import { maxColumns } from '../upload-format.ts'
import { checkPages } from './check-pages.ts'
import { columnsOf, type ParquetColumn, parsers, perSecond } from './schema.ts'

/** Cells that are in memory at a time, unless a page of a column alone has more. */
const sliceCells = 4_000_000

export const openParquet = async (file: FileBytes): Promise<BinaryTable> => {
  checkMarks(file)
  const buffer = bufferOf(file)
  const metadata = await parquetMetadataAsync(buffer, { parsers, geoparquet: false })
  const tree = parquetSchema(metadata)
  const { columns, notes } = columnsOf(tree, metadata)
  if (tree.children.length > maxColumns) throw new UnreadableTable(`has ${tree.children.length} columns; a table may have ${maxColumns}`)
  checkRows(metadata, columns)
  checkPages(file, metadata, new Set(columns.map(({ name }) => name)))
  if (columns.length === 0) throw new UnreadableTable('has no column of plain values')
  return {
    names: columns.map(({ name }) => name),
    types: Object.fromEntries(columns.flatMap(({ name, declared }) => (declared ? [[name, declared] as const] : []))),
    notes,
    feed: (builder) => feed(builder, buffer, metadata, columns),
  }
}

/** Rows are counted in three places, which a footer that lies seldom makes agree. */
const checkRows = ({ num_rows: all, row_groups: groups }: FileMetaData, columns: readonly ParquetColumn[]): void => {
  const grouped = groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0)
  if (grouped !== Number(all)) throw new UnreadableTable(`says that it has ${all} rows, but its row groups have ${grouped}`)
  const names = new Set(columns.map(({ name }) => name))
  for (const group of groups)
    for (const { meta_data: chunk } of group.columns)
      if (chunk && names.has(chunk.path_in_schema[0] ?? '') && chunk.num_values !== group.num_rows)
        throw new UnreadableTable(`has ${chunk.num_values} values of "${chunk.path_in_schema[0]}" in a row group of ${group.num_rows} rows`)
}

const bufferOf = (file: FileBytes): AsyncBuffer => ({
  byteLength: file.bytes,
  slice: (start, end = file.bytes) => {
    const read = Promise.resolve().then(() => file.read(start, Math.min(end, file.bytes)).buffer)
    // What is read ahead of a failure is waited for by nobody.
    read.catch(() => {})
    return read
  },
})

const checkMarks = (file: FileBytes): void => {
  const mark = file.bytes < 12 ? '' : Buffer.from(file.read(file.bytes - 4, file.bytes)).toString('latin1')
  if (mark === 'PARE') throw new UnreadableTable('is encrypted')
  if (mark !== 'PAR1') throw new UnreadableTable('is no Parquet, or not all of it: it does not end with PAR1')
}

/** Pages without values are a block of one byte, which not everybody reads. */
const compressors: Compressors = {
  ...others,
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  LZ4_RAW: unlz4Block,
}

const feed = async (builder: TableBuilder, file: AsyncBuffer, metadata: FileMetaData, columns: readonly ParquetColumn[]): Promise<void> => {
  const scan = await parquetScan({ file, metadata, compressors, parsers, columns: columns.map(({ name }) => name), useOffsetIndex: false })
  const elements = new Map(parquetSchema(metadata).children.map(({ element }) => [element.name, element]))
  const tell = columns.map(({ name, isMoment }, column) => {
    const element = elements.get(name)
    const scale = element ? perSecond(element) : 1
    if (isMoment) return (value: unknown) => builder.moment(column, value as number | null | undefined)
    if (scale !== 1) return (value: unknown) => builder.value(column, value === null || value === undefined ? null : Number(value) / scale)
    return (value: unknown) => builder.value(column, value as number)
  })
  const most = Math.max(1000, Math.floor(sliceCells / columns.length))
  for (const { rowStart, rowEnd } of scan.ranges)
    for (let from = rowStart; from < rowEnd; from += most) {
      const to = Math.min(rowEnd, from + most)
      const values: ArrayLike<unknown>[] = []
      for (const { name } of columns) {
        const data = await scan.readColumn({ column: name, rowStart: from, rowEnd: to })
        if (data.length !== to - from)
          throw new UnreadableTable(`says that it has ${to - from} rows from ${from} on, but "${name}" has ${data.length} of them`)
        values.push(data)
      }
      feedRows(builder, { rows: to - from, first: from, width: columns.length }, (column, row) => tell[column]?.(values[column]?.[row]))
    }
}
