/** What the decisions of a model are called: by the levels of its labels. */
import { type Decision, decisionOf } from '../../../catalog/decision.ts'
import { lossCatalog } from '../../../catalog/losses/all-losses.ts'
import type { Loss } from '../../../catalog/losses/loss.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { lastOf, must } from '../../../numerics/must.ts'
import { type PlannedColumn, type PlannedDataset, plannedColumns } from './planned-column.ts'

/** A level of a category, a yes or no, or the number that stands for a class. */
export type ClassName = string | number | boolean

/** How a model decides, and the classes of each label that it decides on: one for a class axis, else one for each output. */
export type Decisions = { decision: Decision; classes: ClassName[][] }

/** A label, and all of its levels in order if it is a category. */
export type NamedLabel = { column: PlannedColumn; levels?: readonly string[] }

/** All levels of the column at a position, if it has any. */
export type LevelsAt = (position: number) => Promise<readonly string[] | undefined>

/** The labels of a job with all of their levels. */
export const namedLabels = ({ data }: Plan, dataset: PlannedDataset, levelsAt: LevelsAt): Promise<NamedLabel[]> => {
  const columns = plannedColumns(dataset)
  return Promise.all(data.labelColumns.map(async (position) => ({ column: must(columns, position), levels: await levelsAt(position) })))
}

/** The decisions of a model for each row; undefined if its loss trains none, or if a row has several outputs of an axis each. */
export const decisionsOf = ({ config: { loss }, data, outputShape }: Plan, labels: readonly NamedLabel[]): Decisions | undefined => {
  const decision = decisionOf(loss)
  if (!decision || outputShape.length !== 1 || data.featureColumns.length !== 1) return undefined
  const outputs = lastOf(outputShape)
  if (decision.by === 'threshold') return { decision, classes: labels.map((label) => yesAndNo(label, lossCatalog[loss.type])) }
  const [label] = labels
  // Class probabilities as labels have a column for each class.
  if (labels.length === outputs && outputs > 1) return { decision, classes: [labels.map(({ column }) => column.name)] }
  return label && { decision, classes: [Array.from({ length: outputs }, (_, index) => nameOf(label, index))] }
}

/** Whether a label's values have names, so that predictions are told by them unless asked otherwise. */
export const isNamed = ({ column: { holds } }: NamedLabel): boolean => holds === 'category' || holds === 'boolean'

const nameOf = ({ column, levels }: NamedLabel, index: number): ClassName => {
  if (column.holds === 'boolean' && index < 2) return index === 1
  return levels?.[index] ?? index
}

const yesAndNo = (label: NamedLabel, { target }: Loss): ClassName[] =>
  target === 'sign' && !isNamed(label) ? [-1, 1] : [nameOf(label, 0), nameOf(label, 1)]
