import type { FileFormat } from './upload-format.ts'

export const parquet: FileFormat = {
  name: 'parquet',
  kind: 'file',
  mediaTypes: ['application/vnd.apache.parquet', 'application/x-parquet', 'application/parquet'],
  extensions: ['parquet', 'pq', 'parq'],
  description: 'a Parquet file: columns of plain values, whose types it says itself',
  example: null,
  open: null,
}
