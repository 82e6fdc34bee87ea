/** What the formats of uploads have in common. */
import type { Readable } from 'node:stream'
import type { CsvDialect } from '../../../api/dataset.schema.ts'
import type { DialectOptions, FilingOptions, UploadOptions } from '../../../api/upload-options.schema.ts'
import type { SyntheticSpec } from '../../../catalog/generators.ts'
import type { ErrorList } from '../../../validation/validation-errors.ts'
import type { TableSummary } from '../table-writer.ts'

/** Columns that a table may have: enough for the pixels of an image, and few enough to be described in one answer. */
export const maxColumns = 250_000

/** Told the column names once, then each row that has no error. */
export type TableReader = { onHeader: (names: string[]) => void; onRow: (values: number[]) => void }

/** What is said about how a file is written, before it is read; `contentType` is that of a body. */
export type FileHints = DialectOptions & Pick<UploadOptions, 'columns' | 'missing' | 'badRows'> & { contentType?: string }

type Common = {
  /** What the dataset says that it was uploaded as. */
  name: string
  /** The first is the one that is documented; all are understood. */
  mediaTypes: readonly [string, ...string[]]
  /** How names of such files end, without the dot. */
  extensions: readonly [string, ...string[]]
  /** What may be sent, for the documentation of the route. */
  description: string
}

/** A file that is read while it comes in, as a body of its own or as the file of a form. */
export type FileFormat = Common & {
  kind: 'file'
  /** Media types that clients also give to such a file in a form. */
  looseTypes?: readonly string[]
  example: string
  /**
   * Reads a file to its end; whatever is wrong with a row or a cell becomes a validation error.
   * @returns how the file is written if that can differ
   * @throws Problem MALFORMED_BODY if it is not of this format
   */
  read: (source: Readable, reader: TableReader, errors: ErrorList, hints: FileHints) => Promise<CsvDialect | null>
}

/** What a body that is read at once comes to: a spec, or a packed table. */
export type ReadBody =
  | { spec: SyntheticSpec; filing: FilingOptions }
  | { summary: TableSummary; options: UploadOptions; chunks: Uint8Array[] }

/** A body that has been read already, which no body can pretend to be. */
export class ReadUpload {
  readonly upload: ReadBody

  constructor(upload: ReadBody) {
    this.upload = upload
  }
}

/** A body that is parsed before it is read, by whichever thread. */
export type BodyFormat = Common & {
  kind: 'body'
  /** Reads and packs a body. @throws Problem VALIDATION_FAILED with every validation error */
  read: (body: unknown) => ReadBody
}

export type UploadFormat = FileFormat | BodyFormat
