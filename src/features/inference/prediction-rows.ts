/** Rows to predict for, as the groups of features that a model takes. */
import type { Cell, PredictBody } from '../../api/prediction.schema.ts'
import { type ErrorList, pointer } from '../../validation/validation-errors.ts'
import { type CellFeature, readCell } from './prediction-cells.ts'

/** A feature of the model. */
export type ModelFeature = CellFeature

/** The model's side: names of all columns of its data, and the features of each group. */
export type ModelColumns = { all: readonly string[]; groups: readonly (readonly ModelFeature[])[] }

/** Features by group, row and column, as numbers, null if a value is missing; what is wrong goes into `errors`. */
export const readPredictionRows = ({ rows, features }: PredictBody, columns: ModelColumns, errors: ErrorList): (number | null)[][][] =>
  rows ? fromRows(rows, columns, errors) : fromArrays(features ?? [], columns, errors)

/** Columns that the data had but the model does not take, such as labels, may be there. */
const fromRows = (rows: Record<string, Cell>[], { all, groups }: ModelColumns, errors: ErrorList): (number | null)[][][] => {
  const known = new Set(all)
  const wanted = [...new Map(groups.flat().map((feature) => [feature.name, feature])).values()]
  const read = rows.map((row, at) => {
    const cells = new Map<string, number | null>()
    for (const feature of wanted) {
      const { name } = feature
      const path = (): string => pointer('rows', at, name)
      if (Object.hasOwn(row, name)) cells.set(name, readCell(row[name] ?? null, feature, path, errors))
      else errors.add({ path: path(), code: 'required', message: 'is required', column: name })
    }
    for (const name of Object.keys(row)) {
      if (known.has(name)) continue
      const message = `is not a column of the job's data: ${all.slice(0, 50).join(', ')}`
      errors.add({ path: pointer('rows', at, name), code: 'unknown_column', message, column: name })
    }
    return cells
  })
  return groups.map((group) => read.map((cells) => group.map(({ name }) => cells.get(name) ?? null)))
}

const fromArrays = (given: NonNullable<PredictBody['features']>, { groups }: ModelColumns, errors: ErrorList): (number | null)[][][] => {
  const named = Array.isArray(given)
    ? [{ rows: given, path: '/features' }]
    : ['a', 'b'].map((key) => ({ rows: given[key as 'a' | 'b'], path: `/features/${key}` }))
  if (named.length !== groups.length) {
    const expected = groups.length === 2 ? 'two groups, {a, b}' : 'one list of rows'
    errors.add({ path: '/features', code: 'shape_mismatch', message: `the model takes ${expected}` })
    return []
  }
  const read = named.map(({ rows, path }, group) => readRows(rows, groups[group] ?? [], path, errors))
  const [a, b] = named
  if (a && b && a.rows.length !== b.rows.length) {
    const message = `must have as many rows as a: there are ${a.rows.length} and ${b.rows.length}`
    errors.add({ path: b.path, code: 'unequal_lengths', message })
  }
  return read
}

const readRows = (rows: Cell[][], features: readonly ModelFeature[], path: string, errors: ErrorList): (number | null)[][] =>
  rows.map((row, at) => {
    if (row.length !== features.length) {
      const message = `has ${row.length} values; the model takes ${features.length}`
      errors.add({ path: path + pointer(at), code: 'shape_mismatch', message })
      return []
    }
    return features.map((feature, column) => readCell(row[column] ?? null, feature, () => path + pointer(at, column), errors))
  })
