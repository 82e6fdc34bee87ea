/** What an import is, and what of it is shown. */
import type { ImportError, ImportResource, ImportStatus } from '../../api/import.schema.ts'
import type { FormOptions } from '../../api/upload-options.schema.ts'

/** A file to be fetched, and what is said of it. */
export type ImportRequest = {
  url: string
  contentType: string | null
  contentEncoding: string | null
  options: FormOptions
}
export type Import = ImportRequest & {
  id: string
  tenant: string
  status: ImportStatus
  bytesRead: number
  datasetId: string | null
  error: ImportError | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}
/** The right to fetch an import, as long as it is renewed. */
export type ImportClaim = ImportRequest & { id: string; tenant: string; token: string; attempts: number }

export const toImportResource = ({ tenant: _tenant, createdAt, startedAt, finishedAt, ...shown }: Import): ImportResource => ({
  ...shown,
  createdAt: createdAt.toISOString(),
  startedAt: startedAt?.toISOString() ?? null,
  finishedAt: finishedAt?.toISOString() ?? null,
})
