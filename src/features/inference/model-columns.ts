/** The columns of a trained model, as the rows to predict for give them. */
import { missingStrategies } from '../../api/job-config/preprocessing.schema.ts'
import type { Plan } from '../../contracts/plan.ts'
import { must } from '../../numerics/must.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { createMissingMarkers } from '../datasets/table/missing.ts'
import type { LevelsAt } from '../jobs/plan/classes.ts'
import { indicesOfInputs } from '../jobs/plan/index-inputs.ts'
import { missingRuleOf } from '../jobs/plan/missing.ts'
import { isCategorical, plannedColumns } from '../jobs/plan/planned-column.ts'
import type { ModelColumns, ModelFeature } from './prediction-rows.ts'

/** What a job trains on, and what it makes of cells that training did not have. */
export const modelColumnsOf = async ({ config, data }: Plan, dataset: Dataset, levelsAt: LevelsAt): Promise<ModelColumns> => {
  const columns = plannedColumns(dataset)
  const indices = indicesOfInputs(config.model.layers)
  const coded = new Set(config.preprocessing?.codes)
  const markers = createMissingMarkers(dataset.missing ?? undefined)
  const featureAt = async (position: number, kind: string): Promise<ModelFeature> => {
    const column = must(columns, position)
    const { name, holds } = column
    const { strategy } = missingRuleOf(config, name)
    const codes = isCategorical(column) ? new Map((await levelsAt(position))?.map((level, code) => [level, code])) : undefined
    return {
      name,
      holds,
      markers,
      // What is transformed is no index any more, or always one.
      ...(indices === undefined || kind !== 'keep' ? {} : { indices }),
      ...(codes ? { codes, takesUnknown: kind === 'oneHot' && !coded.has(name) && config.preprocessing?.unseen !== 'error' } : {}),
      ...(missingStrategies[strategy].fillsWith === null ? { unfilledBy: strategy } : {}),
    }
  }
  const groups = data.featureColumns.map((group, at) =>
    Promise.all(group.map((position, place) => featureAt(position, data.transforms?.[at]?.[place]?.kind ?? 'keep'))),
  )
  return { all: columns.map(({ name }) => name), groups: await Promise.all(groups) }
}
