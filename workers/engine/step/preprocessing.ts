/** Preparing features: what is learned of the training rows alone, and applied to every row that the model meets. */

import type { Engine, EngineState, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { ColumnTransform, Plan } from '../../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../../src/contracts/training-state.ts'
import { present } from '../../../src/numerics/must.ts'

/** Feature groups in the units of the dataset, as the model takes them; unchanged if nothing was learned to prepare them by. */
export const preprocess = ({ data }: Plan, learned: LearnedStatistics | undefined, groups: readonly Float32Array[]): Float32Array[] => {
  if (!data.transforms || !learned) return [...groups]
  return groups.map((values, group) =>
    transform(data.transforms?.[group] ?? [], values, learned.means[group] ?? [], learned.stds[group] ?? []),
  )
}

/** The same engine, which takes features in the units of the dataset and keeps in the checkpoint what it learned of them. */
export const withPreprocessing = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const { transforms } = plan.data
    if (!transforms) return engine.open(plan, data, state)
    const learned = state?.training.preprocessing ?? learn(transforms, data.features)
    return remember(await engine.open(plan, prepare(plan, data, learned), state), learned)
  },
})

const meanOf = (values: Float32Array, width: number, column: number): number => {
  let sum = 0
  for (let at = column; at < values.length; at += width) sum += present(values[at])
  return sum / (values.length / width)
}

const stdOf = (values: Float32Array, width: number, column: number, mean: number): number => {
  let sum = 0
  for (let at = column; at < values.length; at += width) sum += (present(values[at]) - mean) ** 2
  return Math.sqrt(sum / (values.length / width)) || 1
}

/** What standardizing needs to know, from the training rows of each group. */
const learn = (transforms: readonly ColumnTransform[][], groups: readonly Float32Array[]): LearnedStatistics => {
  const means = transforms.map((columns, group) =>
    columns.map(({ kind }, column) => (kind === 'standardize' ? meanOf(groups[group] ?? new Float32Array(), columns.length, column) : 0)),
  )
  const stds = transforms.map((columns, group) =>
    columns.map(({ kind }, column) =>
      kind === 'standardize' ? stdOf(groups[group] ?? new Float32Array(), columns.length, column, means[group]?.[column] ?? 0) : 1,
    ),
  )
  return { means, stds }
}

/** Rows of one group as the model takes them; a category that training did not have is all zeros. */
const transform = (
  columns: readonly ColumnTransform[],
  values: Float32Array,
  means: readonly number[],
  stds: readonly number[],
): Float32Array => {
  const width = columns.reduce((sum, column) => sum + (column.kind === 'oneHot' ? column.count : 1), 0)
  const rows = values.length / columns.length
  const made = new Float32Array(rows * width)
  for (let row = 0; row < rows; row += 1) {
    let to = row * width
    for (const [at, column] of columns.entries()) {
      const value = values[row * columns.length + at] ?? Number.NaN
      if (column.kind === 'oneHot') {
        const category = value - column.lowest
        if (Number.isInteger(category) && category >= 0 && category < column.count) made[to + category] = 1
        to += column.count
      } else {
        made[to] = (value - present(means[at])) / present(stds[at])
        to += 1
      }
    }
  }
  return made
}

const prepare = (plan: Plan, data: TrainingData, learned: LearnedStatistics): TrainingData => ({
  ...data,
  features: preprocess(plan, learned, data.features),
  ...(data.validation ? { validation: { ...data.validation, features: preprocess(plan, learned, data.validation.features) } } : {}),
})

const remember = (run: Run, preprocessing: LearnedStatistics): Run => ({
  ...run,
  exportState: async (): Promise<EngineState> => {
    const state = await run.exportState()
    return { ...state, training: { ...state.training, preprocessing } }
  },
})
