/** A dataset as the features see it. */
import type { SyntheticSpec } from '../../contracts/catalog/generators.ts'
import type { CsvDialect, DatasetResource, StoredColumn } from '../../contracts/dataset.ts'

/** A dataset's row. `columns` of a synthetic table may lack their statistics until someone asks for them. */
export type Dataset = {
  id: string
  tenant: string
  kind: 'upload' | 'synthetic'
  /** Null for an upload. */
  spec: SyntheticSpec | null
  columns: StoredColumn[]
  rows: number
  /** How the CSV was written that it was uploaded as; null for anything else. */
  csv: CsvDialect | null
  /** Empty where the upload did not say it. */
  inputShape: number[]
  contentHash: string
  createdAt: Date
}

/** A dataset that is about to be stored. */
export type NewDataset = Omit<Dataset, 'createdAt'>

/** True where every column has its statistics. */
export const isDescribed = ({ columns }: Dataset): boolean => columns.every(({ std }) => std !== undefined)

/** A dataset as the API shows it. */
export const toDatasetResource = ({
  id,
  kind,
  rows,
  columns,
  inputShape,
  csv,
  spec,
  contentHash,
  createdAt,
}: Dataset): DatasetResource => ({
  id,
  kind,
  rows,
  columns: columns.map(({ name, role, type = 'number', min = null, max = null, mean = null, std = null }) => ({
    name,
    role,
    type,
    min,
    max,
    mean,
    std,
  })),
  inputShape: inputShape.length > 0 ? inputShape : null,
  csv,
  synthetic: spec,
  contentHash,
  createdAt: createdAt.toISOString(),
})

/** Positions of the columns of each role. */
export const columnsByRole = (columns: readonly StoredColumn[]): { features: number[]; labels: number[] } => ({
  features: columns.flatMap(({ role }, at) => (role === 'feature' ? [at] : [])),
  labels: columns.flatMap(({ role }, at) => (role === 'label' ? [at] : [])),
})
