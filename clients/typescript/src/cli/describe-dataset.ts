/** Datasets in words. */
import type { Dataset } from '../types.ts'
import { table } from './format.ts'

/** A dataset a line. */
export const describeDatasets = (datasets: readonly Dataset[]): string =>
  table(
    ['id', 'rows', 'columns', 'created', 'name'],
    datasets.map(({ id, rows, columns, createdAt, name }) => [id, String(rows), String(columns.length), createdAt, name ?? '']),
  )

/** Its columns, a line each. */
export const describeDataset = ({ id, rows, columns, name }: Dataset): string =>
  `${id}${name ? ` (${name})` : ''}: ${rows} rows\n${table(
    ['column', 'type', 'min', 'max', 'mean'],
    columns.map(({ name, type, min, max, mean }) => [name, type, ...[min, max, mean].map(shortly)]),
  )}`

const shortly = (value: unknown): string => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : '')
