/** A dataset as the features see it. */

import type { StoredColumn } from '../../api/column.schema.ts'
import type { BadRows, CsvDialect, DatasetNote, DatasetResource } from '../../api/dataset.schema.ts'
import { longestShown } from '../../api/page.schema.ts'
import type { FilingOptions } from '../../api/upload-options.schema.ts'
import type { SyntheticSpec } from '../../catalog/generators.ts'
import { abridge } from '../abridged.ts'
import { toMoment } from '../moment.ts'
import { describeSynthetic } from './generators/generate.ts'

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
  /** What it was uploaded as; null for a spec. */
  format: string | null
  notes: DatasetNote[]
  /** Rows that were left out; null if the upload allowed for none. */
  badRows: BadRows | null
  /** What said that a value is missing; null if it was the usual. */
  missing: string[] | null
  /** Bytes of its cells and levels. */
  storedBytes: number
  name: string | null
  metadata: Record<string, string | number>
  expiresAt: Date | null
  /** Empty if the upload did not say it. */
  inputShape: number[]
  contentHash: string
  createdAt: Date
}

/** A dataset that is about to be stored. */
export type NewDataset = Omit<Dataset, 'createdAt'>

/** A dataset in a list, which may lack columns and parts of its spec; `omitted` says where. */
export type ListedDataset = Dataset & { columnCount: number; omitted: string[] }

/** What lists show of a dataset. */
export type DatasetSummary = { columns: StoredColumn[]; synthetic: SyntheticSpec | null; omitted: string[] }

/** What lists show of a dataset that is too large for them; null if they show all of it. */
export const summarize = ({ columns, spec }: Pick<Dataset, 'columns' | 'spec'>): DatasetSummary | null => {
  const shown = columns.slice(0, longestShown)
  const { value, omitted } = abridge(spec, '/synthetic')
  if (shown.length < columns.length) omitted.push('/columns')
  return omitted.length > 0 ? { columns: shown, synthetic: value, omitted } : null
}

/** What a dataset is filed under. */
export const filingOf = ({ name, metadata, expiresAt }: FilingOptions): Pick<Dataset, 'name' | 'metadata' | 'expiresAt'> => ({
  name: name ?? null,
  metadata: metadata ?? {},
  expiresAt: expiresAt === undefined ? null : toMoment(expiresAt),
})

/** True if every column has its statistics. */
export const isDescribed = ({ columns }: Dataset): boolean => columns.every(({ std }) => std !== undefined)

/** A dataset as the API shows it. */
export const toDatasetResource = (dataset: Dataset | ListedDataset): DatasetResource => ({
  ...toResourceWithout(dataset),
  columnCount: 'columnCount' in dataset ? dataset.columnCount : dataset.columns.length,
  columns: dataset.columns.map(({ name, role, type = 'number', min = null, max = null, mean = null, std = null, ...rest }) => ({
    name,
    role,
    type,
    min,
    max,
    mean,
    std,
    ...rest,
  })),
  ...('omitted' in dataset && dataset.omitted.length > 0 ? { omitted: dataset.omitted } : {}),
})

/** The same but for its columns. */
export const toResourceWithout = (dataset: Omit<Dataset, 'columns' | 'tenant' | 'storedBytes' | 'missing'>) => {
  const { id, kind, name, metadata, format, rows, inputShape, csv, notes, badRows, spec, contentHash, createdAt, expiresAt } = dataset
  return {
    id,
    kind,
    name,
    metadata,
    format,
    rows,
    inputShape: inputShape.length > 0 ? inputShape : null,
    csv,
    notes,
    badRows,
    synthetic: spec,
    contentHash,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}

/** The resource of one dataset, which also tells what made it; lists do not, since many long truths would be a large answer. */
export const withTruth = <Resource extends Pick<DatasetResource, 'synthetic'>>(resource: Resource) => ({
  ...resource,
  truth: resource.synthetic ? describeSynthetic(resource.synthetic).truth() : null,
})
