/** Tables in JSON: `{rows: [{column: value}]}` and `{features, labels}`, read with a validation error for every cell that is wrong. */
import type { UploadOptions } from '../../../../api/upload-options.schema.ts'
import { type ErrorList, pointer, shown } from '../../../../validation/validation-errors.ts'
import { featureNames } from '../../generators/generator.ts'
import { maxColumns } from '../upload-format.ts'

/** A table while it is read: column names, what the upload said about them, and its rows, whose validation errors show as they are read. */
export type ReadTable = { names: string[]; options: UploadOptions; rows: Iterable<readonly number[]> }

/** Reads `{rows}`; the first row says which columns there are. */
export const readRows = (rows: readonly unknown[], options: UploadOptions, errors: ErrorList): ReadTable => {
  const names = isRecord(rows[0]) ? Object.keys(rows[0]) : []
  if (names.length > maxColumns) return tooWide('/rows/0', names.length, errors)
  if (rows.length === 0) errors.add({ path: '/rows', code: 'no_rows', message: 'must hold at least one row' })
  else if (isRecord(rows[0]) && names.length === 0)
    errors.add({ path: '/rows/0', code: 'no_columns', message: 'must have at least one column' })
  const known = new Set(names)

  const read = (row: unknown, at: number): number[] => {
    if (!isRecord(row)) {
      errors.add({ path: pointer('rows', at), code: 'type', message: 'must be an object of numbers by column', ...shown(row) })
      return []
    }
    for (const name of Object.keys(row)) {
      if (!known.has(name))
        errors.add({ path: pointer('rows', at, name), code: 'unknown_column', message: 'is not a column of the first row', column: name })
    }
    return names.map((name) => {
      const cell = Object.hasOwn(row, name) ? row[name] : undefined
      return isCell(cell) ? cell : refuse(cell, pointer('rows', at, name), errors, name)
    })
  }
  return { names, options, rows: oneByOne(rows.length, (at) => read(rows[at], at)) }
}

/** What is said of a table of arrays. */
export type ArrayOptions = Omit<UploadOptions, 'features' | 'labels' | 'columns'>

/** Reads `{features, labels}`; columns are named x1, x2, … and y, or y1, y2, … */
export const readArrays = (features: readonly unknown[], labels: readonly unknown[], said: ArrayOptions, errors: ErrorList): ReadTable => {
  if (features.length === 0) errors.add({ path: '/features', code: 'no_rows', message: 'must hold at least one row' })
  if (features.length !== labels.length)
    errors.add({
      path: '/labels',
      code: 'unequal_lengths',
      message: `must have as many rows as features: there are ${features.length} rows of features and ${labels.length} of labels`,
    })
  const x = readMatrix('features', features, errors)
  const y = readMatrix('labels', labels, errors)
  if (x.width + y.width > maxColumns) return tooWide('/features/0', x.width + y.width, errors)
  const xNames = featureNames(x.width)
  const yNames = y.width === 1 ? ['y'] : featureNames(y.width).map((name) => name.replace('x', 'y'))
  return {
    names: [...xNames, ...yNames],
    options: { ...said, features: xNames, labels: yNames },
    rows: oneByOne(Math.max(features.length, labels.length), (at) => x.read(at).concat(y.read(at))),
  }
}

/** Rows that are made when somebody takes them, so that the table lies in memory only once. */
function* oneByOne(count: number, read: (at: number) => number[]): Generator<number[]> {
  for (let at = 0; at < count; at++) yield read(at)
}

const tooWide = (path: string, columns: number, errors: ErrorList): ReadTable => {
  errors.add({ path, code: 'too_many_columns', message: `has ${columns} columns; a table may have ${maxColumns}`, value: columns })
  return { names: [], options: {}, rows: [] }
}

/** The width of a matrix, and a reader of its rows; beyond the last there is nothing to read. */
const readMatrix = (key: 'features' | 'labels', matrix: readonly unknown[], errors: ErrorList) => {
  const first = matrix[0]
  const width = Array.isArray(first) ? first.length : 0
  if (Array.isArray(first) && width === 0)
    errors.add({ path: pointer(key, 0), code: 'no_columns', message: 'must have at least one value' })
  const read = (at: number): number[] => {
    if (at >= matrix.length) return []
    const row = matrix[at]
    if (!Array.isArray(row)) {
      errors.add({ path: pointer(key, at), code: 'type', message: 'must be an array of numbers', ...shown(row) })
      return []
    }
    if (row.length !== width)
      errors.add({ path: pointer(key, at), code: 'ragged_row', message: `has ${row.length} values, but the first row has ${width}` })
    return row.map((cell: unknown, column) => (isCell(cell) ? cell : refuse(cell, pointer(key, at, column), errors)))
  }
  return { width, read }
}

/** A number that a float32 can hold. */
const isCell = (cell: unknown): cell is number => typeof cell === 'number' && Number.isFinite(Math.fround(cell))

/** Says what is wrong with a cell, and stands in for it. */
const refuse = (cell: unknown, path: string, errors: ErrorList, column?: string): number => {
  const about = { path, ...(column === undefined ? {} : { column }) }
  if (cell === undefined || cell === null || cell === '') errors.add({ ...about, code: 'empty_cell', message: 'is missing' })
  else if (typeof cell === 'number')
    errors.add({ ...about, code: 'not_finite', message: 'must be a number that a float32 can hold', value: String(cell) })
  else errors.add({ ...about, code: 'type', message: 'must be a number', ...shown(cell) })
  return 0
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
