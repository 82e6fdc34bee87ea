/** A dataset's columns as training reads them: numbers, whatever they hold. */
import type { ColumnType, StoredColumn } from '../../../api/column.schema.ts'
import type { SyntheticSpec } from '../../../catalog/generators.ts'
import { describeSynthetic } from '../../datasets/generators/generate.ts'
import { atOnce, mapInSteps } from '../../slices.ts'

/** What planning needs to know of a dataset; `spec` of a synthetic one, `levels` by column those of which more are needed than it shows. */
export type PlannedDataset = {
  rows: number
  columns: readonly StoredColumn[]
  inputShape: readonly number[]
  spec?: SyntheticSpec | null
  levels?: ReadonlyMap<string, readonly string[]>
}

/** A column by its numbers: codes of categories, 0 and 1, days since 1970. What is not known of them is left out. */
export type PlannedColumn = {
  name: string
  role: string | null
  /** What it holds. */
  holds: ColumnType
  /** Whether its numbers are whole. */
  type?: 'number' | 'integer'
  min?: number
  max?: number
  mean?: number
  std?: number
  missing: number
  /** Of categories and text: how many levels, and those that are shown. */
  levelCount: number
  levels: readonly string[]
  isStored: boolean
  /** Of categories and booleans that are known: whether all of them are the same. */
  hasOneClass?: true
}

/**
 * The columns as planning may rely on them. A synthetic table's statistics come later, when someone reads it, so its
 * plan must not depend on them: all that is known is what its generator promises: features are real numbers, labels too unless they count classes.
 */
export const plannedColumns = (dataset: PlannedDataset): PlannedColumn[] => atOnce(plannedInSteps(dataset))

/** The same with pauses, since there may be 250,000 columns. */
export function* plannedInSteps({ columns, spec }: PlannedDataset): Generator<void, PlannedColumn[]> {
  if (!spec) return yield* mapInSteps(columns, plannedColumn)
  const { classes } = describeSynthetic(spec)
  return columns.map(({ name, role }) =>
    plannedColumn({
      name,
      role,
      ...(role === 'label' && classes !== undefined ? { type: 'integer', min: 0, max: classes - 1 } : { type: 'number' }),
    }),
  )
}

/** Whether a column's values are categories, so that its numbers are only their codes. */
export const isCategorical = ({ holds }: PlannedColumn): boolean => holds === 'category' || holds === 'text'

/** Whether a column's values are a no and a yes, 0 and 1, whatever they are called. */
export const isYesOrNo = ({ holds, levelCount }: PlannedColumn): boolean => holds === 'boolean' || (holds === 'category' && levelCount <= 2)

/** Some of a column's levels, for a message. */
export const describeLevels = ({ levels, levelCount }: PlannedColumn): string =>
  `${levelCount} levels: ${levels.slice(0, 10).join(', ')}${levelCount > 10 ? ', …' : ''}`

const plannedColumn = (column: StoredColumn): PlannedColumn => ({
  name: column.name,
  role: column.role,
  holds: column.type ?? 'number',
  missing: column.missing ?? 0,
  levelCount: column.levelCount ?? 0,
  levels: (column.levels ?? []).map(({ value }) => value),
  isStored: column.stored !== false,
  ...(hasOneClass(column) ? { hasOneClass: true } : {}),
  ...numbersOf(column),
})

const hasOneClass = ({ type, min, max, levelCount }: StoredColumn): boolean =>
  type === 'boolean' ? typeof min === 'number' && min === max : type === 'category' && levelCount === 1

const numbersOf = ({ type, min, max, mean, std, levelCount = 0 }: StoredColumn): Partial<PlannedColumn> => {
  switch (type) {
    case 'category':
    case 'text':
      return levelCount > 0 ? { type: 'integer', min: 0, max: levelCount - 1 } : { type: 'integer' }
    case 'boolean':
      return { type: 'integer', min: 0, max: 1 }
    case 'date':
    case 'datetime':
      return { type: type === 'date' ? 'integer' : 'number', min: dayOf(min), max: dayOf(max) }
    default:
      return { type, min: numberOrNothing(min), max: numberOrNothing(max), mean: mean ?? undefined, std: std ?? undefined }
  }
}

const numberOrNothing = (value: number | string | null | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

/** Days since 1970 of a moment in words. */
const dayOf = (value: number | string | null | undefined): number | undefined =>
  typeof value === 'string' ? Date.parse(value) / 86_400_000 : undefined
