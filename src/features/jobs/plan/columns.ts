/** Which columns of a dataset a job trains on. */

import type { DatasetChoice } from '../../../api/job-config/parts.schema.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { must } from '../../../numerics/must.ts'
import { maxListedErrors, pointer } from '../../../validation/validation-errors.ts'
import { atOnce, mapInSteps } from '../../slices.ts'
import type { PlannedColumn } from './planned-column.ts'

/** Positions of the chosen columns: one group of features, or two for a loss with two inputs. */
export type ChosenColumns = { featureColumns: number[][]; labelColumns: number[] }

/** Finds the columns that a config names, or that the upload gave a role. */
export function* chooseColumns(
  choice: DatasetChoice,
  columns: readonly PlannedColumn[],
): Generator<void, { chosen: ChosenColumns; errors: ValidationError[] }> {
  const errors: ValidationError[] = []
  const places = yield* placesInSteps(columns)
  const known = columns
    .slice(0, 50)
    .map((column) => column.name)
    .join(', ')
  function* find(names: readonly string[], path: string): Generator<void, number[]> {
    const positions = yield* mapInSteps(names, (name, index) => {
      const position = places.get(name)
      if (position !== undefined || errors.length >= maxListedErrors) return position
      const message = `there is no column "${name}"; there are ${known}`
      errors.push({ path: path + pointer(index), code: 'unknown_column', message, value: name })
      return undefined
    })
    return positions.filter((position) => position !== undefined)
  }
  const withRole = (role: 'feature' | 'label'): number[] => columns.flatMap((column, position) => (column.role === role ? [position] : []))
  const without = (positions: readonly number[], taken: readonly number[]): number[] => {
    const known = new Set(taken)
    return positions.filter((position) => !known.has(position))
  }
  const trainable = columns.flatMap((column, position) => (isTrainedUnasked(column) ? [position] : []))
  const allBut = (taken: readonly number[]): number[] => without(trainable, taken)

  const named: Partial<Extract<DatasetChoice, { id: string }>> = 'id' in choice ? choice : {}
  const groups: number[][] = []
  for (const { names, path } of namedGroups(named.features)) groups.push(yield* find(names, path))
  const byRole = named.labels ? yield* find(named.labels, '/dataset/labels') : without(withRole('label'), groups.flat())
  const labels = byRole.length === 0 && !named.labels && groups.length > 0 ? allBut(groups.flat()) : byRole
  yield
  if (groups.length === 0) {
    const features = without(withRole('feature'), labels)
    groups.push(features.length > 0 ? features.filter((position) => isTrainedUnasked(must(columns, position))) : allBut(labels))
  }

  if (labels.length === 0 && !named.labels)
    errors.push({
      path: '/dataset/labels',
      code: 'required',
      message: 'must name the label columns: the upload did not say which they are',
    })
  yield
  const inputs = new Set(groups.flat())
  for (const position of labels.filter((label) => inputs.has(label))) {
    const column = must(columns, position).name
    errors.push({ path: '/dataset/labels', code: 'two_roles', message: `"${column}" is both a feature and a label`, column })
  }
  if (groups.some((group) => group.length === 0) && errors.length === 0)
    errors.push({ path: '/dataset/features', code: 'required', message: 'must name at least one column: none is left for features' })
  return { chosen: { featureColumns: groups, labelColumns: labels }, errors }
}

/** The first position of each name. */
export const placesOf = (columns: readonly { name: string }[]): Map<string, number> => atOnce(placesInSteps(columns))

/** The same with pauses. */
export function* placesInSteps(columns: readonly { name: string }[]): Generator<void, Map<string, number>> {
  const places = new Map<string, number>()
  yield* mapInSteps(columns, ({ name }, position) => void (places.has(name) || places.set(name, position)))
  return places
}

/** Whether a column is a feature if nobody names it: text and what the upload told to ignore are not. */
const isTrainedUnasked = ({ role, holds, isStored }: PlannedColumn): boolean => role !== 'ignored' && holds !== 'text' && isStored

const namedGroups = (features: string[] | { a: string[]; b: string[] } | undefined): { names: string[]; path: string }[] => {
  if (!features) return []
  if (Array.isArray(features)) return [{ names: features, path: '/dataset/features' }]
  return [
    { names: features.a, path: '/dataset/features/a' },
    { names: features.b, path: '/dataset/features/b' },
  ]
}
