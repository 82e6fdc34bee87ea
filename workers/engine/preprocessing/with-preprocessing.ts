/** Preprocessing around any engine: rows go in in the units of the dataset, and what was learned of them stays in the checkpoint. */

import type { Engine, EngineState, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { LearnedStatistics } from '../../../src/contracts/training-state.ts'
import { withClassWeights } from './class-weights.ts'
import { learnStatistics } from './learn.ts'
import { prepareFeatures, prepareLabels } from './prepare.ts'

/** The same engine, which prepares features and labels as the job asks for, by what it learns of the training rows. */
export const withPreprocessing = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const { learned, ...prepared } = prepareData(plan, data, state?.training.preprocessing)
    const run = await engine.open(prepared.plan, prepared.data, state)
    return learned ? remember(run, learned) : run
  },
})

/** Rows as the engine trains on them, and the plan that it trains by; `known`: what was learned of them before. */
export const prepareData = (
  plan: Plan,
  data: TrainingData,
  known?: LearnedStatistics,
): { plan: Plan; data: TrainingData; learned?: LearnedStatistics } => {
  if (!learnsSomething(plan)) return { plan, data }
  const learned = known ?? learnStatistics(plan, data)
  return { plan: withClassWeights(plan, learned.classWeights), data: prepare(plan, data, learned), learned }
}

const learnsSomething = ({ data, config }: Plan): boolean =>
  data.transforms !== undefined || data.standardizesLabels === true || data.signedLabels !== undefined || 'classWeights' in config.loss

const prepare = (plan: Plan, data: TrainingData, learned: LearnedStatistics): TrainingData => ({
  ...data,
  ...prepareRows(plan, data, learned),
  ...(learned.labels ? { labelUnits: learned.labels } : {}),
  ...(data.validation ? { validation: { ...data.validation, ...prepareRows(plan, data.validation, learned) } } : {}),
})

const prepareRows = (plan: Plan, { features, labels }: Pick<TrainingData, 'features' | 'labels'>, learned: LearnedStatistics) => ({
  features: prepareFeatures(plan, learned, features),
  labels: prepareLabels(plan, learned, labels),
})

const remember = (run: Run, preprocessing: LearnedStatistics): Run => ({
  ...run,
  exportState: async (): Promise<EngineState> => {
    const state = await run.exportState()
    return { ...state, training: { ...state.training, preprocessing } }
  },
})
