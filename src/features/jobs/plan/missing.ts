/** What becomes of missing cells of features. */

import {
  type MissingRule,
  type MissingRules,
  type MissingStrategy,
  missingStrategies,
} from '../../../api/job-config/preprocessing.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { Fill } from '../../../contracts/plan.ts'
import { maxListedErrors, pointer, shown } from '../../../validation/validation-errors.ts'
import { inLevelOrder } from '../../datasets/level-order.ts'
import { parseMoment } from '../../datasets/table/moments.ts'
import { isCategorical, type PlannedColumn, type PlannedDataset, plannedColumns } from './planned-column.ts'

const path = '/preprocessing/missing'

const reject: MissingRule = { strategy: 'reject', indicator: false }

/** The rule of a column; configs of older versions have none. */
export const missingRuleOf = ({ preprocessing }: Pick<JobConfig, 'preprocessing'>, name: string): MissingRule => {
  const rules: MissingRules = preprocessing?.missing ?? reject
  if (isOneRule(rules)) return rules
  return (Object.hasOwn(rules, name) ? rules[name] : undefined) ?? reject
}

/** What fills a column's missing cells, or what is wrong with what does. `levels`: all of a category's, in order, if they are known. */
export const fillOfColumn = (
  config: JobConfig,
  column: PlannedColumn,
  levels?: readonly string[],
): { fill?: Fill; errors: ValidationError[] } => {
  const { strategy, value = 0 } = missingRuleOf(config, column.name)
  switch (missingStrategies[strategy].fillsWith) {
    case null:
      return { errors: [] }
    case 'value':
      return constantFill(column, value, { levels, at: ownRuleAt(config, column.name) })
    case 'learned':
      return { fill: { by: learnedFill(column, strategy) }, errors: [] }
  }
}

/** Features that have missing cells and no rule for them, and rules that are about nothing. `levels` as for `fillOfColumn`. */
export const missingErrors = (
  config: JobConfig,
  features: readonly PlannedColumn[],
  levels?: ReadonlyMap<string, readonly string[]>,
): ValidationError[] => [...rejectedErrors(config, features), ...ruleErrors(config, features), ...unsuitedErrors(config, features, levels)]

/** One validation error for all features that have missing cells and no rule for them. */
export const rejectedErrors = (config: JobConfig, features: readonly PlannedColumn[]): ValidationError[] => {
  const rejected = features.filter(({ name, missing }) => missing > 0 && missingRuleOf(config, name).strategy === 'reject')
  return rejected.length > 0 ? [rejectedError(rejected)] : []
}

/** Columns that a config fills with a level of theirs, and of which not all are shown, by name and position. */
export const columnsFilledByLevel = (
  config: JobConfig,
  dataset: Pick<PlannedDataset, 'columns' | 'rows' | 'inputShape'>,
): { name: string; position: number }[] => {
  const rules: MissingRules = config.preprocessing?.missing ?? reject
  const given = isOneRule(rules) ? [rules] : Object.values(rules)
  if (!given.some(({ strategy }) => missingStrategies[strategy].fillsWith === 'value')) return []
  return plannedColumns(dataset).flatMap((column, position) => {
    const { strategy } = missingRuleOf(config, column.name)
    const isNeeded = isCategorical(column) && missingStrategies[strategy].fillsWith === 'value' && column.levels.length < column.levelCount
    return isNeeded ? [{ name: column.name, position }] : []
  })
}

/** A value for all features that none of them can hold. */
const unsuitedErrors = (
  { preprocessing }: JobConfig,
  features: readonly PlannedColumn[],
  levels?: ReadonlyMap<string, readonly string[]>,
): ValidationError[] => {
  const rule: MissingRules = preprocessing?.missing ?? reject
  if (!isOneRule(rule) || missingStrategies[rule.strategy].fillsWith !== 'value' || rule.value === undefined) return []
  const { value } = rule
  if (features.some((column) => constantOf(column, value, levels?.get(column.name)) !== undefined)) return []
  return [{ path: `${path}/value`, code: 'type', message: 'must be a value that at least one of the features can hold', ...shown(value) }]
}

/** No mean of categories: codes are only numbers by accident, and half a yes is none. */
const learnedFill = (column: PlannedColumn, strategy: MissingStrategy): 'mean' | 'median' | 'mostFrequent' => {
  const isQuantity = !isCategorical(column) && column.holds !== 'boolean'
  return isQuantity && (strategy === 'mean' || strategy === 'median') ? strategy : 'mostFrequent'
}

/** Columns that one message names. */
const namedColumns = 20

const rejectedError = (rejected: readonly PlannedColumn[]): ValidationError => {
  const named = rejected.slice(0, namedColumns).map(({ name, missing }) => `${name} (${missing})`)
  const others = rejected.length - named.length
  const all = others > 0 ? `${named.join(', ')} and ${others} more columns` : named.join(', ')
  const message = `features have missing values: ${all}; say what becomes of them, such as {"strategy": "mostFrequent"} or {"strategy": "dropRows"}, or leave the columns out`
  return { path, code: 'missing_values', message, ...(rejected.length === 1 && rejected[0] ? { column: rejected[0].name } : {}) }
}

const ruleErrors = ({ preprocessing }: JobConfig, features: readonly PlannedColumn[]): ValidationError[] => {
  const rules: MissingRules = preprocessing?.missing ?? reject
  const entries: [string, MissingRule][] = isOneRule(rules)
    ? [[path, rules]]
    : Object.entries(rules).map(([name, rule]) => [path + pointer(name), rule])
  const errors = isOneRule(rules) ? [] : unknownErrors(Object.keys(rules), features)
  for (const [at, { strategy, value, indicator }] of entries) {
    const { fillsWith } = missingStrategies[strategy]
    if (value !== undefined && fillsWith !== 'value')
      errors.push({ path: `${at}/value`, code: 'range', message: `is what constant fills with; ${strategy} takes none`, value })
    if (indicator && fillsWith === null)
      errors.push({
        path: `${at}/indicator`,
        code: 'range',
        message: `marks cells that are filled; ${strategy} fills none`,
        value: indicator,
      })
  }
  return errors.slice(0, maxListedErrors)
}

const unknownErrors = (names: readonly string[], features: readonly PlannedColumn[]): ValidationError[] => {
  const known = new Set(features.map(({ name }) => name))
  return names.flatMap((name): ValidationError[] =>
    known.has(name)
      ? []
      : [{ path: path + pointer(name), code: 'unknown_column', message: `"${name}" is not a feature of this job`, column: name }],
  )
}

/** Where the rule of a column of its own lies; undefined if one rule is for all. */
const ownRuleAt = ({ preprocessing }: JobConfig, name: string): string | undefined =>
  isOneRule(preprocessing?.missing ?? reject) ? undefined : path + pointer(name)

const isOneRule = (rules: MissingRules): rules is MissingRule => typeof rules.strategy === 'string'

const constantFill = (
  column: PlannedColumn,
  value: number | string | boolean,
  { levels, at }: { levels: readonly string[] | undefined; at: string | undefined },
): { fill?: Fill; errors: ValidationError[] } => {
  const number = constantOf(column, value, levels)
  if (number !== undefined) return { fill: { value: number }, errors: [] }
  // As the mean of a category: a value for all features fills those that it suits.
  if (at === undefined) return { fill: { by: 'mostFrequent' }, errors: [] }
  const message = `must be ${expectedOf(column)} to fill column "${column.name}"`
  return { errors: [{ path: `${at}/value`, code: 'type', message, column: column.name, ...shown(value) }] }
}

/** A value as the column's numbers have it; undefined if it is none of them. */
const constantOf = (column: PlannedColumn, value: number | string | boolean, levels: readonly string[] | undefined): number | undefined => {
  switch (column.holds) {
    case 'category':
    case 'text': {
      const all = levels ?? (column.levels.length === column.levelCount ? inLevelOrder(column.levels) : undefined)
      // A stored job was planned by all levels; what it learned of them is in its checkpoint.
      const code = all ? all.indexOf(String(value)) : 0
      return code < 0 ? undefined : code
    }
    case 'boolean':
      return typeof value === 'boolean' || value === 0 || value === 1 ? Number(value) : undefined
    case 'date':
    case 'datetime':
      return typeof value === 'string' ? parseMoment(value.trim())?.days : undefined
    default:
      return typeof value === 'number' ? value : undefined
  }
}

const expectedOf = ({ holds, levelCount, levels }: PlannedColumn): string => {
  const words: Record<PlannedColumn['holds'], string> = {
    category: `one of its ${levelCount} levels, such as ${levels.slice(0, 5).join(', ')},`,
    text: 'one of its values',
    boolean: 'true or false',
    date: 'a date such as 2026-11-26',
    datetime: 'a time such as 2026-11-26T12:00:00Z',
    number: 'a number',
    integer: 'a number',
  }
  return words[holds]
}
