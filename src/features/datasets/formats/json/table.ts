/** Tables in JSON: `{rows: [{column: value}]}` and `{features, labels}`. */
import type { UploadOptions } from '../../../../api/upload-options.schema.ts'
import type { ValidationError } from '../../../../contracts/error-codes.ts'
import { type ErrorList, pointer, shown } from '../../../../validation/validation-errors.ts'
import { featureNames } from '../../generators/generator.ts'
import type { TableBuilder } from '../../table/builder.ts'
import type { ReaderContext } from '../../table/piece-reader.ts'
import type { CellValue } from '../../table/typed-cells.ts'
import { maxColumns } from '../upload-format.ts'
import { createObjectRows } from './object-rows.ts'

/** A table that can be read any number of times; `lateNames` as a piece reader has them. `placed` puts an error of a cell where the body has it. */
export type JsonTable = {
  options: UploadOptions
  placed: (error: ValidationError) => ValidationError
  read: (context: ReaderContext) => { lateNames?: readonly string[] | undefined }
}

/** `{rows}`: columns are the keys, in the order in which they come; what a row lacks is missing in it. */
export const readRows = (rows: readonly unknown[], options: UploadOptions): JsonTable => {
  const read = (context: ReaderContext) => {
    const objects = createObjectRows(context, 'row')
    for (const [at, row] of rows.entries()) objects.add(row, at + 1)
    objects.end()
    return { lateNames: objects.lateNames() }
  }
  return { options, placed: (error) => error, read }
}

/** What is said of a table of arrays. */
export type ArrayOptions = Omit<UploadOptions, 'features' | 'labels' | 'columns'>
type Matrices = { features: readonly unknown[]; labels: readonly unknown[] }

/** `{features, labels}`: columns are named x1, x2, … and y, or y1, y2, … */
export const readArrays = (matrices: Matrices, said: ArrayOptions): JsonTable => {
  const { features, labels } = matrices
  const width = { features: widthOf(features), labels: widthOf(labels) }
  const xNames = featureNames(width.features)
  const yNames = width.labels === 1 ? ['y'] : featureNames(width.labels).map((name) => name.replace('x', 'y'))
  const names = [...xNames, ...yNames]

  const read = ({ start, errors }: ReaderContext) => {
    checkShape(matrices, width, errors)
    if (names.length > maxColumns) return {}
    const builder = start({ names })
    const featuresOf = createMatrixReader('features', { width: width.features, from: 0 }, builder, errors)
    const labelsOf = createMatrixReader('labels', { width: width.labels, from: width.features }, builder, errors)
    for (let at = 0; at < Math.max(features.length, labels.length); at++) {
      const isBoth = at < features.length && at < labels.length
      const isWhole = [at < features.length && featuresOf(features[at], at), at < labels.length && labelsOf(labels[at], at)].every(Boolean)
      if (isBoth && isWhole) builder.endRow(at + 1)
      else builder.badRow(at + 1, `row ${at + 1} is not whole`)
    }
    return {}
  }
  /** Cells are told by row and name, but lie in one of two lists. */
  const placed = (error: ValidationError): ValidationError => {
    const [, row] = /^\/rows\/(\d+)\//.exec(error.path) ?? []
    const column = names.indexOf(error.column ?? '')
    if (row === undefined || column < 0) return error
    return { ...error, path: column < xNames.length ? pointer('features', row, column) : pointer('labels', row, column - xNames.length) }
  }
  return { options: { ...said, features: xNames, labels: yNames }, placed, read }
}

const widthOf = ([first]: readonly unknown[]): number => (Array.isArray(first) ? first.length : 0)

const checkShape = ({ features, labels }: Matrices, width: { features: number; labels: number }, errors: ErrorList): void => {
  if (features.length === 0) errors.add({ path: '/features', code: 'no_rows', message: 'must hold at least one row' })
  if (features.length !== labels.length)
    errors.add({
      path: '/labels',
      code: 'unequal_lengths',
      message: `must have as many rows as features: there are ${features.length} rows of features and ${labels.length} of labels`,
    })
  const columns = width.features + width.labels
  if (columns > maxColumns)
    errors.add({
      path: '/features/0',
      code: 'too_many_columns',
      message: `has ${columns} columns; a table may have ${maxColumns}`,
      value: columns,
    })
  for (const [key, matrix] of [
    ['features', features],
    ['labels', labels],
  ] as const)
    if (Array.isArray(matrix[0]) && matrix[0].length === 0)
      errors.add({ path: pointer(key, 0), code: 'no_columns', message: 'must have at least one value' })
}

/** Tells a row of one matrix to the builder; false if it is not whole, which is then an error. */
const createMatrixReader =
  (key: 'features' | 'labels', { width, from }: { width: number; from: number }, builder: TableBuilder, errors: ErrorList) =>
  (row: unknown, at: number): boolean => {
    if (!Array.isArray(row)) {
      errors.add({ path: pointer(key, at), code: 'type', message: 'must be an array, a value a column', ...shown(row) })
      return false
    }
    if (row.length !== width) {
      errors.add({ path: pointer(key, at), code: 'ragged_row', message: `has ${row.length} values, but the first row has ${width}` })
      return false
    }
    let isWhole = true
    for (let column = 0; column < width; column++) {
      const cell: unknown = row[column]
      if (typeof cell !== 'object' || cell === null) builder.value(from + column, cell as CellValue)
      else {
        isWhole = false
        errors.add({ path: pointer(key, at, column), code: 'nested', message: 'must be a number, a text, a boolean or null' })
      }
    }
    return isWhole
  }
