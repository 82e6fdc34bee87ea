/** What the formats of uploads have in common. */
import type { FilingOptions, UploadOptions } from '../../../api/upload-options.schema.ts'
import type { SyntheticSpec } from '../../../catalog/generators.ts'
import type { OpenPieceReader } from '../table/piece-reader.ts'
import type { StoredPart } from '../table/stored-part.ts'
import type { TableSummary } from '../table/table-summary.ts'

/** Columns that a table may have: enough for the pixels of an image, and few enough to be described in one answer. */
export const maxColumns = 250_000

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
  /** A file as text; null for a format of bytes. */
  example: string | null
  /** Reads a file piece by piece, in whichever thread. Null for a format that a child reads as a whole (open-whole.ts). */
  open: OpenPieceReader | null
}

/** What a body that is read at once comes to: a spec, or a packed table. */
export type ReadBody =
  | { spec: SyntheticSpec; filing: FilingOptions }
  | { summary: TableSummary; options: UploadOptions; parts: StoredPart[] }

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
