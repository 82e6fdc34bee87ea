import type { JobConfig } from '../../../api/job-config.schema.ts'
import { lossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss, TargetKind } from '../../../catalog/losses/loss.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { describeLevels, isCategorical, type PlannedColumn } from './planned-column.ts'

/** What a kind of target may hold: `lowest` to `highest`, whole numbers only or not. */
type Range = { lowest: number; highest: number; whole: boolean; expected: string }

/** Labels that a loss cannot take, as far as the column's statistics tell. */
export const labelRangeError = (kind: TargetKind, column: PlannedColumn, loss: JobConfig['loss'], classes: number): ValidationError[] => {
  const range = rangeOf(kind, loss, classes)
  if (!range) return []
  const { name, min, max, type } = column
  const about = { path: '/dataset/labels', column: name }
  const say = (what: string): string => `${loss.type} expects ${range.expected}; column "${name}" holds ${what}`
  if (range.whole && type === 'number') return [{ ...about, code: 'type', message: say('fractions') }]
  if (min === undefined || max === undefined) return []
  const ignored = 'ignoreIndex' in loss ? loss.ignoreIndex : undefined
  const wrong = [max > range.highest ? max : undefined, min < range.lowest ? min : undefined].find(
    (value) => value !== undefined && value !== ignored,
  )
  const between = wrong === undefined && kind === 'sign' && holdsZero(column) ? 0 : undefined
  const value = wrong ?? between
  if (value === undefined) return []
  if (isCategorical(column)) return [{ ...about, code: 'range', message: say(`a category of ${describeLevels(column)}`) }]
  return [{ ...about, code: 'range', message: say(column.holds === 'boolean' ? 'booleans' : String(value)), value }]
}

/** Whether a column of nothing but -1, 0 and 1 holds 0: then its bounds say so, or its mean square is below 1. */
const holdsZero = ({ min, max, mean, std }: PlannedColumn): boolean =>
  min === 0 || max === 0 || (mean !== undefined && std !== undefined && mean ** 2 + std ** 2 < 1 - 1e-9)

const classRange = (classes: number, lowest: number): Range => ({
  lowest,
  highest: classes - 1,
  whole: true,
  expected: `class indices from 0 to ${classes - 1}, as the model has ${classes} output${classes === 1 ? '' : 's'}`,
})

const rangeOf = (kind: TargetKind, loss: JobConfig['loss'], classes: number): Range | undefined => {
  if (kind === 'class') return classRange(classes, 0)
  // A list of classes ends at its first negative number.
  if (kind === 'classList') return classRange(classes, Number.NEGATIVE_INFINITY)
  if (kind === 'sign') return { lowest: -1, highest: 1, whole: true, expected: 'labels -1 and 1' }
  const entry: Loss = lossCatalog[loss.type]
  const range = entry.targetRange?.(loss)
  return range && { ...range, whole: false, expected: `labels to be ${range.expected}` }
}
