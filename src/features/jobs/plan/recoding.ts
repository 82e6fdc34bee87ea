/** Categories of a second dataset by the codes that the first one gave them. */
import type { Plan } from '../../../contracts/plan.ts'
import { isCategorical, type PlannedDataset, plannedColumns } from './planned-column.ts'

/** A column of the second dataset and the one that the job trains on, by their positions. */
export type CategoryPair = { name: string; trained: number; second: number; isLabel: boolean }

/** Code of a category that the job does not know. */
export const unknownCode = -1

/** The categories that the data of a job and its validation data have in common. */
export const categoryPairs = ({ data }: Plan, dataset: PlannedDataset): CategoryPair[] => {
  const { validation } = data
  if (!validation) return []
  const columns = plannedColumns(dataset)
  const trained = [...data.featureColumns.flat(), ...data.labelColumns]
  const second = [...validation.featureColumns.flat(), ...validation.labelColumns]
  const labels = new Set(data.labelColumns)
  const pairs = trained.flatMap((position, at): CategoryPair[] => {
    const column = columns[position]
    const other = second[at]
    if (!column || other === undefined || !isCategorical(column)) return []
    return [{ name: column.name, trained: position, second: other, isLabel: labels.has(position) }]
  })
  return [...new Map(pairs.map((pair) => [pair.second, pair])).values()]
}

/** The code of each level among the levels that the job knows. */
export const recode = (levels: readonly string[], known: readonly string[]): number[] => {
  const codes = new Map(known.map((level, code) => [level, code]))
  return levels.map((level) => codes.get(level) ?? unknownCode)
}
