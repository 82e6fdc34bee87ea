/** How the columns of a dataset are prepared before the model sees them. */

import type { Preprocessing } from '../../../api/job-config/preprocessing.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, Scaling } from '../../../contracts/plan.ts'
import { maxListedErrors, pointer } from '../../../validation/validation-errors.ts'
import { mapInSteps } from '../../slices.ts'
import { type ChosenColumns, placesInSteps } from './columns.ts'
import { fillOfColumn, missingErrors, missingRuleOf } from './missing.ts'
import { isCategorical, type PlannedColumn } from './planned-column.ts'

/** One-hot columns become as many inputs as they have categories. */
const maxCategories = 10_000

const scalings = ['standardize', 'minMax', 'robust'] as const satisfies Scaling[]

/** The transforms of each group's columns; undefined if all of them are kept as they are. `levels`: of a category, if all are known. */
export function* planTransforms(
  config: JobConfig,
  { featureColumns }: ChosenColumns,
  columns: readonly PlannedColumn[],
  levels?: ReadonlyMap<string, readonly string[]>,
): Generator<void, { transforms: ColumnTransform[][] | undefined; errors: ValidationError[] }> {
  const features = featureColumns.flat().flatMap((position) => columns[position] ?? [])
  const choice = choiceOf(config.preprocessing)
  const known = yield* placesInSteps(features)
  const errors = namesErrors(choice, known)
  yield* mapInSteps(features, (column) => void errors.push(...featureErrors(column, choice)))
  errors.push(...missingErrors(config, features, levels))
  yield
  const transformOf = (column: PlannedColumn | undefined): ColumnTransform => {
    if (!column) return { kind: 'keep' }
    const filled = fillOfColumn(config, column, levels?.get(column.name))
    const base = baseOf(column, choice)
    errors.push(...filled.errors, ...base.errors)
    const indicator = filled.fill && column.missing > 0 && missingRuleOf(config, column.name).indicator
    return { ...base.transform, ...(filled.fill ? { fill: filled.fill } : {}), ...(indicator ? { indicator: true } : {}) }
  }
  yield
  const transforms: ColumnTransform[][] = []
  for (const group of featureColumns) transforms.push(yield* mapInSteps(group, (position) => transformOf(columns[position])))
  // What a config asks to prepare is learned of and kept, as ever, also where nothing comes of it.
  const isPrepared =
    config.preprocessing !== undefined || transforms.some((group) => group.some(({ kind, fill }) => kind !== 'keep' || fill))
  return { transforms: isPrepared ? transforms : undefined, errors: errors.slice(0, maxListedErrors) }
}

/** Inputs that a group's columns become. */
export const transformedWidth = (transforms: readonly ColumnTransform[]): number =>
  transforms.reduce((width, transform) => width + (transform.kind === 'oneHot' ? transform.count : 1) + (transform.indicator ? 1 : 0), 0)

/** What a config says of features by name; configs of older versions say less. */
type Choice = {
  scaled: Record<(typeof scalings)[number], boolean | string[]>
  oneHot: string[]
  codes: string[]
  /** The scaling of each feature that is named for one, and the place of each one-hot feature in its list. */
  scalingOf: ReadonlyMap<string, Scaling>
  hotPlaces: ReadonlyMap<string, number>
  coded: ReadonlySet<string>
  /** What becomes of numbers that nothing is said of. */
  others: Scaling
}

const choiceOf = (preprocessing: Partial<Preprocessing> = {}): Choice => {
  const { standardize = false, minMax = false, robust = false, oneHot = [], codes = [] } = preprocessing
  const scaled = { standardize, minMax, robust }
  const namesOf = (scaling: (typeof scalings)[number]): string[] => {
    const names = scaled[scaling]
    return Array.isArray(names) ? names : []
  }
  return {
    scaled,
    oneHot,
    codes,
    scalingOf: new Map(scalings.flatMap((scaling) => namesOf(scaling).map((name) => [name, scaling] as const))),
    hotPlaces: new Map(oneHot.map((name, at) => [name, at])),
    coded: new Set(codes),
    others: scalings.find((scaling) => scaled[scaling] === true) ?? 'keep',
  }
}

/** What becomes of a column's values, missing ones aside. */
const baseOf = (column: PlannedColumn, choice: Choice): { transform: ColumnTransform; errors: ValidationError[] } => {
  const { name, holds } = column
  const hot = choice.hotPlaces.get(name)
  if (hot !== undefined) return oneHot(column, `/preprocessing/oneHot/${hot}`)
  if (choice.coded.has(name)) return { transform: { kind: 'keep' }, errors: [] }
  const named = choice.scalingOf.get(name)
  if (holds !== 'category') return { transform: { kind: named ?? (holds === 'boolean' ? 'keep' : choice.others) }, errors: [] }
  if (named === undefined) return oneHot(column, '/dataset/features')
  const error = {
    path: `/preprocessing/${named}`,
    code: 'type',
    message: `column "${name}" is a category, which has no scale`,
    column: name,
  }
  return { transform: { kind: 'keep' }, errors: [error] }
}

/** Names that are no features, and features of which two things are said that do not go together. */
const namesErrors = ({ scaled, oneHot, codes, scalingOf, hotPlaces }: Choice, known: ReadonlyMap<string, number>): ValidationError[] => {
  const unknown = (names: readonly string[], path: string): ValidationError[] =>
    names
      .flatMap((name, index) =>
        known.has(name)
          ? []
          : [{ path: path + pointer(index), code: 'unknown_column', message: `"${name}" is not a feature of this job`, value: name }],
      )
      .slice(0, maxListedErrors)
  const twice = (names: readonly string[], path: string, other: (name: string) => string | undefined): ValidationError[] =>
    names.flatMap((name, index) => {
      const also = other(name)
      return also === undefined
        ? []
        : [{ path: path + pointer(index), code: 'overlap', message: `"${name}" is in ${also} too`, value: name }]
    })
  const scaledErrors = scalings.flatMap((scaling): ValidationError[] => {
    const names = scaled[scaling]
    const path = `/preprocessing/${scaling}`
    if (Array.isArray(names))
      return [...unknown(names, path), ...twice(names, path, (name) => (scalingOf.get(name) === scaling ? undefined : scalingOf.get(name)))]
    const first = scalings.find((other) => scaled[other] === true)
    if (names === false || first === scaling) return []
    const message = `all features cannot be scaled by ${first} and by ${scaling}: name those of one`
    return [{ path, code: 'overlap', message, value: names }]
  })
  return [
    ...scaledErrors,
    ...unknown(oneHot, '/preprocessing/oneHot'),
    ...unknown(codes, '/preprocessing/codes'),
    ...twice(codes, '/preprocessing/codes', (name) => (hotPlaces.has(name) ? 'oneHot' : scalingOf.get(name))),
  ]
}

/** Why a model cannot read a feature. */
const featureErrors = ({ name, holds, isStored, missing, min }: PlannedColumn, { hotPlaces, coded }: Choice): ValidationError[] => {
  const wrong = (message: string, code: string) => [{ path: '/dataset/features', code, message, column: name }]
  if (!isStored) return wrong(`column "${name}" has too many levels to be stored: leave it out`, 'range')
  if (holds === 'text' && !hotPlaces.has(name) && !coded.has(name))
    return wrong(
      `column "${name}" is text: declare it a category when it is uploaded, name it in preprocessing.oneHot or codes, or leave it out`,
      'type',
    )
  if (missing > 0 && min === undefined) return wrong(`column "${name}" has nothing but missing values: leave it out`, 'range')
  return []
}

const oneHot = (column: PlannedColumn, path: string): { transform: ColumnTransform; errors: ValidationError[] } => {
  const { name, type, min, max } = column
  const wrong = (message: string) => ({
    transform: { kind: 'keep' as const },
    errors: [{ path, code: 'range', message, column: name }],
  })
  if (min === undefined || max === undefined)
    return isCategorical(column)
      ? { transform: { kind: 'keep' }, errors: [] }
      : wrong(`the categories of column "${name}" are not known: its dataset has no statistics yet`)
  if (type !== 'integer') return wrong(`column "${name}" holds fractions; categories are whole numbers`)
  const count = max - min + 1
  if (count > maxCategories) {
    const which = isCategorical(column) ? 'levels' : `categories, from ${min} to ${max}`
    return wrong(`column "${name}" has ${count} ${which}; at most ${maxCategories} are allowed: leave it out, or name it in codes`)
  }
  return { transform: { kind: 'oneHot', lowest: min, count }, errors: [] }
}
