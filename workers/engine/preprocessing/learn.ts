/** What preprocessing learns: of the training rows alone, before the first step. */

import type { TrainingData } from '../../../src/contracts/engine.ts'
import type { ColumnTransform, Plan } from '../../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../../src/contracts/training-state.ts'
import { must, present } from '../../../src/numerics/must.ts'
import { centerAndWidth } from './center-and-width.ts'
import { balancedWeights } from './class-weights.ts'
import { fillOf } from './fill.ts'

/** What a job's columns, labels and classes are prepared by. Missing cells are filled before a scale is learned. */
export const learnStatistics = (plan: Plan, data: Pick<TrainingData, 'features' | 'labels'>): LearnedStatistics => {
  const { transforms = [], labelColumns, standardizesLabels } = plan.data
  const groups = transforms.map((columns, group) =>
    columns.map((transform, column) => learnColumn(transform, columnOf(must(data.features, group), columns.length, column))),
  )
  const each = <Value>(pick: (column: LearnedColumn) => Value): Value[][] => groups.map((columns) => columns.map(pick))
  const fills = each(({ fill }) => fill)
  const unseen = each((column) => column.unseen)
  const weights = balancedWeights(plan, data.labels)
  return {
    means: each(({ center }) => center),
    stds: each(({ width }) => width),
    ...(fills.flat().some((fill) => fill !== null) ? { fills } : {}),
    ...(unseen.flat().some((list) => list.length > 0) ? { unseen } : {}),
    ...(standardizesLabels ? { labels: learnLabels(data.labels, labelColumns.length) } : {}),
    ...(weights ? { classWeights: weights } : {}),
  }
}

type LearnedColumn = { center: number; width: number; fill: number | null; unseen: number[] }

/** The cells of a column, which are read only if something is to be learned of them. */
type Cells = () => Float32Array

const columnOf =
  (values: Float32Array, width: number, column: number): Cells =>
  () => {
    const cells = new Float32Array(values.length / width)
    for (let row = 0; row < cells.length; row += 1) cells[row] = present(values[row * width + column])
    return cells
  }

const learnColumn = (transform: ColumnTransform, cells: Cells): LearnedColumn => {
  const unscaled = { center: 0, width: 1, fill: null, unseen: [] }
  if (transform.kind === 'keep' && !transform.fill) return unscaled
  const values = cells()
  const fill = transform.fill ? fillOf(transform.fill, values) : null
  if (fill !== null) for (let row = 0; row < values.length; row += 1) if (Number.isNaN(present(values[row]))) values[row] = fill
  if (transform.kind === 'keep') return { ...unscaled, fill }
  if (transform.kind === 'oneHot') return { ...unscaled, fill, unseen: unseenOf(values, transform) }
  return { ...centerAndWidth(transform.kind, values), fill, unseen: [] }
}

const unseenOf = (values: Float32Array, { lowest, count }: { lowest: number; count: number }): number[] => {
  const seen = new Uint8Array(count)
  for (const value of values) if (value - lowest < count) seen[value - lowest] = 1
  return [...seen.keys()].filter((category) => seen[category] === 0)
}

const learnLabels = (labels: Float32Array, columns: number): NonNullable<LearnedStatistics['labels']> => {
  const learned = Array.from({ length: columns }, (_, column) => centerAndWidth('standardize', columnOf(labels, columns, column)()))
  return { means: learned.map(({ center }) => center), stds: learned.map(({ width }) => width) }
}
