/** What reads a file of some format, piece by piece, and tells its cells to a table builder. */
import type { CsvDialect, DatasetNote } from '../../../api/dataset.schema.ts'
import type { DialectOptions, UploadOptions } from '../../../api/upload-options.schema.ts'
import type { ErrorList } from '../../../validation/validation-errors.ts'
import type { TableBuilder } from './builder.ts'
import type { PlaceUnit } from './cell-errors.ts'
import type { NumberMarks } from './numbers.ts'

/** What is said about how a file is written, before it is read; `contentType` is that of a body. */
export type FileHints = DialectOptions & Pick<UploadOptions, 'columns' | 'missing' | 'badRows'> & { contentType?: string }

/** What a reader knows once it has the names: how numbers are written, which column has no name, what is worth a note, and what it counts. */
export type TableStart = { names: string[]; marks?: NumberMarks; unnamed?: number; notes?: DatasetNote[]; unit?: PlaceUnit }

/** What a reader says of its file at the end. `namesAreGiven` if the columns' names stand in it. */
export type FileFacts = { csv: CsvDialect | null; namesAreGiven: boolean }

export type ReaderContext = {
  hints: FileHints
  /** All columns, if an earlier reading has found them. */
  names?: readonly string[] | undefined
  /** Told once, before the first cell. */
  start: (table: TableStart) => TableBuilder
  /** What is wrong with the file, but for its cells. */
  errors: ErrorList
}

/** Pieces are used again once they are written: what a reader keeps of one it copies. */
export type PieceReader = {
  /** @throws Problem MALFORMED_BODY if it is not of this format */
  write: (piece: Uint8Array) => void
  end: () => FileFacts
  /** All columns, at the end, if some came after the table had begun: the file must be read again with them. */
  lateNames?: () => readonly string[] | undefined
}

export type OpenPieceReader = (context: ReaderContext) => PieceReader
