/** Rows to predict for, as the groups of features that a model takes. */
import type { PredictBody } from '../../api/inference.schema.ts'
import { fitsFloat32 } from '../../api/numbers.ts'
import { type ErrorList, pointer } from '../../validation/validation-errors.ts'

/** A feature of the model; `indices`: it is a whole number below that, from 0. */
export type ModelFeature = { name: string; indices?: number }

/** The model's side: names of all columns of its data, and the features of each group. */
export type ModelColumns = { all: readonly string[]; groups: readonly (readonly ModelFeature[])[] }

/** Features by group, row and column; what is wrong goes into `validation errors`. */
export const readPredictionRows = ({ rows, features }: PredictBody, columns: ModelColumns, errors: ErrorList): number[][][] =>
  rows ? fromRows(rows, columns, errors) : fromArrays(features ?? [], columns, errors)

/** Columns that the data had but the model does not take, such as labels, may be there. */
const fromRows = (rows: Record<string, number>[], { all, groups }: ModelColumns, errors: ErrorList): number[][][] => {
  const known = new Set(all)
  const wanted = [...new Map(groups.flat().map((feature) => [feature.name, feature])).values()]
  for (const [at, row] of rows.entries()) {
    for (const feature of wanted) {
      const { name } = feature
      if (!Object.hasOwn(row, name)) errors.add({ path: pointer('rows', at, name), code: 'required', message: 'is required', column: name })
      else checkValue(row[name] ?? Number.NaN, feature, () => pointer('rows', at, name), errors)
    }
    for (const name of Object.keys(row)) {
      if (known.has(name)) continue
      const message = `is not a column of the job's data: ${all.slice(0, 50).join(', ')}`
      errors.add({ path: pointer('rows', at, name), code: 'unknown_column', message, column: name })
    }
  }
  return groups.map((group) => rows.map((row) => group.map(({ name }) => row[name] ?? Number.NaN)))
}

const fromArrays = (given: NonNullable<PredictBody['features']>, { groups }: ModelColumns, errors: ErrorList): number[][][] => {
  const named = Array.isArray(given)
    ? [{ rows: given, path: '/features' }]
    : ['a', 'b'].map((key) => ({ rows: given[key as 'a' | 'b'], path: `/features/${key}` }))
  if (named.length !== groups.length) {
    const expected = groups.length === 2 ? 'two groups, {a, b}' : 'one list of rows'
    errors.add({ path: '/features', code: 'shape_mismatch', message: `the model takes ${expected}` })
    return []
  }
  for (const [group, { rows, path }] of named.entries()) checkRows(rows, groups[group] ?? [], path, errors)
  const [a, b] = named
  if (a && b && a.rows.length !== b.rows.length) {
    const message = `must have as many rows as a: there are ${a.rows.length} and ${b.rows.length}`
    errors.add({ path: b.path, code: 'unequal_lengths', message })
  }
  return named.map(({ rows }) => rows)
}

const checkRows = (rows: number[][], features: readonly ModelFeature[], path: string, errors: ErrorList): void => {
  for (const [at, row] of rows.entries()) {
    if (row.length !== features.length) {
      const message = `has ${row.length} values; the model takes ${features.length}`
      errors.add({ path: path + pointer(at), code: 'shape_mismatch', message })
      continue
    }
    for (const [column, feature] of features.entries())
      checkValue(row[column] ?? Number.NaN, feature, () => path + pointer(at, column), errors)
  }
}

/** A value that a float32 cannot hold, or an index that the model does not know. */
const checkValue = (value: number, { name, indices }: ModelFeature, path: () => string, errors: ErrorList): void => {
  if (!fitsFloat32(value)) {
    errors.add({
      path: path(),
      code: 'not_finite',
      message: 'must be a number that a float32 can hold',
      column: name,
      value: String(value),
    })
    return
  }
  const index = Math.fround(value)
  if (indices === undefined || (Number.isInteger(index) && index >= 0 && index < indices)) return
  const message = `must be a whole index from 0 to ${indices - 1}: the model's embedding has ${indices} vectors`
  errors.add({ path: path(), code: 'range', message, column: name, value })
}
