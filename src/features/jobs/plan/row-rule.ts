/** Which rows of a table a job leaves out and holds back, and how many that is as far as the columns tell. */
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { RowCounts, RowRule } from '../../../contracts/plan.ts'
import { must } from '../../../numerics/must.ts'
import { heldWithoutKeys, keyColumnOf } from '../rows/row-counts.ts'
import { type ChosenColumns, placesOf } from './columns.ts'
import { foldOf } from './folds.ts'
import { missingRuleOf } from './missing.ts'
import type { PlannedColumn, PlannedDataset } from './planned-column.ts'

const path = '/training/validationSplit'
const foldsPath = '/training/folds'

/** Rows without a label, and those without a feature that the config drops them for, are left out. */
export const rowRuleOf = (
  config: JobConfig,
  chosen: ChosenColumns,
  columns: readonly PlannedColumn[],
): { rule: RowRule; errors: ValidationError[] } => {
  const { split, errors } = splitOf(config, chosen, columns)
  return { rule: { required: requiredOf(config, chosen, columns), split, seed: config.training.seed }, errors }
}

/** The rule for a table whose rows are all held back. */
export const heldTableRule = (config: JobConfig, chosen: ChosenColumns, columns: readonly PlannedColumn[]): RowRule => ({
  required: requiredOf(config, chosen, columns),
  split: { fraction: 0, by: 'random' },
  seed: config.training.seed,
})

/** A table and the rule of its rows; the second one, if there is one, is the validation data. */
export type RuledTable = { rule: RowRule; dataset: PlannedDataset }

/** How the rows are used; undefined if only they tell: several columns may lack a value, or one decides what is held back. */
export const countsByStatistics = (tables: readonly RuledTable[]): RowCounts | undefined =>
  tables.some(mustBeCounted) ? undefined : expectedCounts(tables)

/** Whether the columns of a table do not tell how its rows are used. */
export const mustBeCounted = ({ rule }: RuledTable): boolean => keyColumnOf(rule) !== undefined || rule.required.length > 1

/** How the rows are used, as far as their columns tell. */
export const expectedCounts = (tables: readonly RuledTable[]): RowCounts => togetherOf(tables.map(expectedOf))

/** The rows of a table, and of the validation data if there is any, together. */
export const togetherOf = ([table, second]: readonly RowCounts[]): RowCounts => {
  const { training = 0, validation = 0, dropped = 0 } = table ?? {}
  return second ? { training, validation: second.training, dropped: dropped + second.dropped } : { training, validation, dropped }
}

/** As many rows are dropped as lack a value of the column that most lack. */
export const expectedOf = ({ rule, dataset: { rows, columns } }: RuledTable): RowCounts => {
  const dropped = rule.required.reduce((most, position) => Math.max(most, columns[position]?.missing ?? 0), 0)
  const validation = heldWithoutKeys(rule, rows - dropped)
  return { training: rows - dropped - validation, validation, dropped }
}

const requiredOf = (
  config: JobConfig,
  { featureColumns, labelColumns }: ChosenColumns,
  columns: readonly PlannedColumn[],
): RowRule['required'] => {
  const lacksSome = (position: number): boolean => must(columns, position).missing > 0
  const dropping = featureColumns.flat().filter((position) => missingRuleOf(config, must(columns, position).name).strategy === 'dropRows')
  return [...new Set([...labelColumns, ...dropping])].filter(lacksSome)
}

type Split = { split: RowRule['split']; errors: ValidationError[] }

const splitOf = (config: JobConfig, chosen: ChosenColumns, columns: readonly PlannedColumn[]): Split => {
  const { training } = config
  const fold = foldOf(training)
  if (!fold) return shareSplit(training.validationSplit, chosen, columns)
  const how = typeof training.folds === 'object' ? training.folds : { by: 'random' as const, column: undefined }
  const { split, errors } = shareSplit({ by: how.by, column: how.column, fraction: 1 / fold.count }, chosen, columns)
  return { split: { ...split, fold }, errors: errors.map((error) => ({ ...error, path: error.path.replace(path, foldsPath) })) }
}

const shareSplit = (
  validationSplit: JobConfig['training']['validationSplit'],
  chosen: ChosenColumns,
  columns: readonly PlannedColumn[],
): Split => {
  if (typeof validationSplit === 'number') return { split: { fraction: validationSplit, by: 'random' }, errors: [] }
  const { fraction, by, column } = validationSplit
  if (by === 'label' || by === 'group') {
    const found = decidingColumn({ by, column }, chosen, columns)
    if ('position' in found) return { split: { fraction, by, column: found.position }, errors: [] }
    return { split: { fraction, by: 'random' }, errors: [{ ...found, ...(column === undefined ? {} : { column }) }] }
  }
  if (column === undefined) return { split: { fraction, by }, errors: [] }
  return { split: { fraction, by }, errors: [{ path: `${path}/column`, code: 'range', message: `has no meaning by ${by}: leave it out` }] }
}

/** The column whose values decide, or why there is none. */
const decidingColumn = (
  { by, column }: { by: 'label' | 'group'; column?: string },
  { labelColumns }: ChosenColumns,
  columns: readonly PlannedColumn[],
): { position: number } | ValidationError => {
  const wrong = (message: string, code = 'range') => ({ path: `${path}/column`, code, message })
  const labels = labelColumns.map((position) => must(columns, position).name)
  const name = column ?? (by === 'label' && labels.length === 1 ? labels[0] : undefined)
  if (name === undefined && by === 'group') return wrong('must name the column whose values are the groups', 'required')
  if (name === undefined) return wrong(`must name one of the labels: ${labels.slice(0, 50).join(', ')}`, 'required')
  if (by === 'label' && !labels.includes(name)) return wrong(`"${name}" is not a label of this job`, 'unknown_column')
  const position = placesOf(columns).get(name)
  if (position === undefined) return wrong(`there is no column "${name}"`, 'unknown_column')
  const { type, isStored } = must(columns, position)
  if (!isStored) return wrong(`the values of column "${name}" are not stored: it has too many levels`)
  const hasClasses = by === 'group' || type !== 'number'
  return hasClasses ? { position } : { ...wrong(`column "${name}" holds fractions; only classes have shares`, 'type'), path: `${path}/by` }
}
