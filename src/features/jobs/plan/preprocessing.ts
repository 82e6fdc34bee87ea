/** How the columns of a dataset are prepared before the model sees them. */
import { numericBounds, type StoredColumn } from '../../../api/column.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform } from '../../../contracts/plan.ts'
import { maxListedErrors, pointer } from '../../../validation/validation-errors.ts'
import { type ChosenColumns, type PlannedDataset, placesOf } from './columns.ts'

/** One-hot columns become as many inputs as they have categories. */
const maxCategories = 10_000

/** The transforms of each group's columns; undefined if none is asked for. */
export const planTransforms = (
  { preprocessing }: JobConfig,
  { featureColumns }: ChosenColumns,
  { columns }: PlannedDataset,
): { transforms: ColumnTransform[][] | undefined; errors: ValidationError[] } => {
  if (!preprocessing) return { transforms: undefined, errors: [] }
  const features = placesOf(featureColumns.flat().flatMap((position) => columns[position] ?? []))
  const standardized = Array.isArray(preprocessing.standardize) ? preprocessing.standardize : []
  const isStandardized = new Set(standardized)
  const hotPlaces = new Map(preprocessing.oneHot.map((name, at) => [name, at]))
  const errors = [
    ...namesErrors(standardized, '/preprocessing/standardize', features),
    ...namesErrors(preprocessing.oneHot, '/preprocessing/oneHot', features),
  ]
  const transformOf = (column: StoredColumn | undefined): ColumnTransform => {
    if (!column) return { kind: 'keep' }
    const hot = hotPlaces.get(column.name)
    if (hot !== undefined) {
      const made = oneHot(column, `/preprocessing/oneHot/${hot}`)
      errors.push(...made.errors)
      return made.transform ?? { kind: 'keep' }
    }
    return preprocessing.standardize === true || isStandardized.has(column.name) ? { kind: 'standardize' } : { kind: 'keep' }
  }
  return { transforms: featureColumns.map((group) => group.map((position) => transformOf(columns[position]))), errors }
}

/** Inputs that a group's columns become. */
export const transformedWidth = (transforms: readonly ColumnTransform[]): number =>
  transforms.reduce((width, transform) => width + (transform.kind === 'oneHot' ? transform.count : 1), 0)

const namesErrors = (names: readonly string[], path: string, known: ReadonlyMap<string, number>): ValidationError[] =>
  names
    .flatMap((name, index) =>
      known.has(name)
        ? []
        : [{ path: path + pointer(index), code: 'unknown_column', message: `"${name}" is not a feature of this job`, value: name }],
    )
    .slice(0, maxListedErrors)

const oneHot = (column: StoredColumn, path: string): { transform?: ColumnTransform; errors: ValidationError[] } => {
  const { name, type } = column
  const { min, max } = numericBounds(column)
  const wrong = (message: string) => ({ errors: [{ path, code: 'range', message, column: name }] })
  if (min === undefined || max === undefined)
    return wrong(`the categories of column "${name}" are not known: its dataset has no statistics yet`)
  if (type !== 'integer') return wrong(`column "${name}" holds fractions; categories are whole numbers`)
  const count = max - min + 1
  if (count > maxCategories)
    return wrong(`column "${name}" has ${count} categories, from ${min} to ${max}; at most ${maxCategories} are allowed`)
  return { transform: { kind: 'oneHot', lowest: min, count }, errors: [] }
}
