/** Rows to predict for, as the groups of features that a model takes. */
import type { PredictBody } from '../../contracts/engine-calls.ts'
import { pointer } from '../../contracts/faults.ts'
import type { Fault } from '../../contracts/problems.ts'

/** The model's side: names of all columns of its data, and of the features of each group. */
export type ModelColumns = { all: readonly string[]; groups: readonly (readonly string[])[] }

/** Features by group, row and column; or every fault. */
export const readPredictionRows = ({ rows, features }: PredictBody, columns: ModelColumns): { features: number[][][]; faults: Fault[] } =>
  rows ? fromRows(rows, columns) : fromArrays(features ?? [], columns)

/** Columns that the data had but the model does not take, such as labels, may be there. */
const fromRows = (rows: Record<string, number>[], { all, groups }: ModelColumns): { features: number[][][]; faults: Fault[] } => {
  const wanted = [...new Set(groups.flat())]
  const faults = rows.flatMap((row, at): Fault[] => [
    ...wanted.filter((name) => !Object.hasOwn(row, name)).map((name) => fault(pointer('rows', at, name), 'required', 'is required', name)),
    ...Object.keys(row)
      .filter((name) => !all.includes(name))
      .map((name) => fault(pointer('rows', at, name), 'unknown_column', `is not a column of the job's data: ${all.join(', ')}`, name)),
  ])
  return { features: groups.map((names) => rows.map((row) => names.map((name) => row[name] ?? Number.NaN))), faults }
}

const fromArrays = (given: NonNullable<PredictBody['features']>, { groups }: ModelColumns): { features: number[][][]; faults: Fault[] } => {
  const named = Array.isArray(given)
    ? [{ rows: given, path: '/features' }]
    : ['a', 'b'].map((key) => ({ rows: given[key as 'a' | 'b'], path: `/features/${key}` }))
  if (named.length !== groups.length) {
    const expected = groups.length === 2 ? 'two groups, {a, b}' : 'one list of rows'
    return { features: [], faults: [{ path: '/features', code: 'shape_mismatch', message: `the model takes ${expected}` }] }
  }
  const faults = named.flatMap(({ rows, path }, group) => widthFaults(rows, groups[group]?.length ?? 0, path))
  const [a, b] = named
  if (a && b && a.rows.length !== b.rows.length)
    faults.push({
      path: b.path,
      code: 'unequal_lengths',
      message: `must have as many rows as a: there are ${a.rows.length} and ${b.rows.length}`,
    })
  return { features: named.map(({ rows }) => rows), faults }
}

const widthFaults = (rows: number[][], width: number, path: string): Fault[] =>
  rows.flatMap((row, at) =>
    row.length === width
      ? []
      : [{ path: path + pointer(at), code: 'shape_mismatch', message: `has ${row.length} values; the model takes ${width}` }],
  )

const fault = (path: string, code: string, message: string, column: string): Fault => ({ path, code, message, column })
