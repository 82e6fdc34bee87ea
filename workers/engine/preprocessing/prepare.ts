/** Rows as the model takes them, by what was learned of the training rows; and its outputs in the units of the labels again. */
import type { ColumnTransform, Plan } from '../../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../../src/contracts/training-state.ts'
import { present } from '../../../src/numerics/must.ts'

/** Feature groups in the units of the dataset, as the model takes them; unchanged if nothing is prepared. */
export const prepareFeatures = (
  { data: { transforms } }: Pick<Plan, 'data'>,
  learned: LearnedStatistics | undefined,
  groups: readonly Float32Array[],
): Float32Array[] => {
  if (!transforms || !learned) return [...groups]
  return groups.map((values, group) => transform(values, columnsOf(transforms[group] ?? [], learned, group)))
}

/** Labels, some columns of each row, as the model is trained on them. */
export const prepareLabels = (
  { data: { signedLabels } }: Pick<Plan, 'data'>,
  { labels }: LearnedStatistics,
  values: Float32Array,
): Float32Array => {
  if (signedLabels) return values.map((value, at) => (signedLabels[at % signedLabels.length] ? 2 * value - 1 : value))
  if (!labels) return values
  const { means, stds } = labels
  return values.map((value, at) => (value - present(means[at % means.length])) / present(stds[at % stds.length]))
}

/** Outputs of a model of standardized labels, in the units of the labels. */
export const restoreOutputs = ({ labels }: LearnedStatistics, values: Float32Array): Float32Array => {
  if (!labels) return values
  const { means, stds } = labels
  return values.map((value, at) => value * present(stds[at % stds.length]) + present(means[at % means.length]))
}

/** A column of a group, where its inputs begin, and where its indicator is; what was learned of it. */
type Column = {
  transform: ColumnTransform
  to: number
  indicator: number | undefined
  center: number
  width: number
  fill: number | null
  unseen: ReadonlySet<number>
}

const columnsOf = (
  transforms: readonly ColumnTransform[],
  learned: LearnedStatistics,
  group: number,
): { columns: Column[]; width: number } => {
  const inputs = transforms.map((transform) => (transform.kind === 'oneHot' ? transform.count : 1))
  let to = 0
  let behind = inputs.reduce((sum, count) => sum + count, 0)
  const columns = transforms.map((transform, at): Column => {
    const start = to
    to += inputs[at] ?? 1
    return {
      transform,
      to: start,
      indicator: transform.indicator ? behind++ : undefined,
      center: present(learned.means[group]?.[at]),
      width: present(learned.stds[group]?.[at]),
      fill: learned.fills?.[group]?.[at] ?? null,
      unseen: new Set(learned.unseen?.[group]?.[at]),
    }
  })
  return { columns, width: behind }
}

const transform = (values: Float32Array, { columns, width }: { columns: Column[]; width: number }): Float32Array => {
  const made = new Float32Array((values.length / columns.length) * width)
  for (const [at, column] of columns.entries()) transformColumn(column, { values, at, columns: columns.length }, made, width)
  return made
}

/** Writes the inputs of one column into rows of so many inputs. */
const transformColumn = (
  { transform: of, to, indicator, center, width: scale, fill, unseen }: Column,
  { values, at, columns }: { values: Float32Array; at: number; columns: number },
  made: Float32Array,
  width: number,
): void => {
  for (let from = at, start = 0; from < values.length; from += columns, start += width) {
    const given = present(values[from])
    const isMissing = Number.isNaN(given)
    const value = isMissing && fill !== null ? fill : given
    if (isMissing && indicator !== undefined) made[start + indicator] = 1
    if (of.kind !== 'oneHot') made[start + to] = (value - center) / scale
    else if (isKnown(of, unseen, value)) made[start + to + value - of.lowest] = 1
  }
}

/** A category that no training row has is all zeros. */
const isKnown = ({ lowest, count }: { lowest: number; count: number }, unseen: ReadonlySet<number>, value: number): boolean => {
  const category = value - lowest
  return Number.isInteger(category) && category >= 0 && category < count && !unseen.has(category)
}
