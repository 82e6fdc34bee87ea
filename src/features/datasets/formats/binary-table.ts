/** What files are read into that are read as a whole, in a process of their own. */
import type { DatasetNote } from '../../../api/dataset.schema.ts'
import type { ColumnDeclaration, UploadOptions } from '../../../api/upload-options.schema.ts'
import type { TableBuilder } from '../table/builder.ts'

/** A file, of which any bytes can be had at any time. @throws RangeError if it ends before `end` */
export type FileBytes = { bytes: number; read: (start: number, end: number) => Uint8Array<ArrayBuffer> }

/** A table before its rows are read, which may be done more than once. */
export type BinaryTable = {
  names: string[]
  /** What the file itself says that columns are. */
  types: Record<string, ColumnDeclaration>
  notes: DatasetNote[]
  /** What the file says of roles and shape, unless somebody says otherwise. */
  options?: Pick<UploadOptions, 'features' | 'labels' | 'inputShape'>
  /** Tells every row. */
  feed: (builder: TableBuilder) => void | Promise<void>
}

export type OpenBinaryTable = (file: FileBytes) => BinaryTable | Promise<BinaryTable>

/** A file that is none of its format, or holds what no table can. The message says what is wrong, as in "the file …". */
export class UnreadableTable extends Error {
  override readonly name = 'UnreadableTable'
}

/** Tells rows that are there column by column: `cell` is called for each column of each row. */
export const feedRows = (
  builder: TableBuilder,
  { rows, first, width }: { rows: number; first: number; width: number },
  cell: (column: number, row: number) => void,
): void => {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) cell(column, row)
    builder.endRow(first + row + 1)
  }
}
