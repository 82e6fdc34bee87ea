/**
 * What training remembers from one epoch to the next besides its tensors: part of every checkpoint, as JSON. Each part is
 * there once it is needed; checkpoints of older versions have the same parts.
 */
import { type Static, Type } from 'typebox'
import { JsonNumber } from '../api/numbers.ts'
import { ScheduleState } from '../catalog/schedules.ts'

/** Mean and standard deviation (divisor n; 1 if a column is constant) of the training rows, by group of features and column. */
const LearnedStatistics = Type.Object({
  means: Type.Array(Type.Array(Type.Number())),
  stds: Type.Array(Type.Array(Type.Number())),
})
export type LearnedStatistics = Static<typeof LearnedStatistics>

/** The best loss that early stopping saw, null if none was a number yet; its epoch; and epochs since without an improvement. */
const EarlyStoppingState = Type.Object({
  best: Type.Union([Type.Number(), Type.Null()]),
  bestEpoch: Type.Integer(),
  waited: Type.Integer(),
})
export type EarlyStoppingState = Static<typeof EarlyStoppingState>

/** Of the running epoch: the sum of its mini-batch losses, the seconds spent on it, and the norm of its last gradients. */
const RunningEpoch = {
  lossTotal: Type.Optional(JsonNumber),
  seconds: Type.Optional(Type.Number()),
  gradientNorm: Type.Optional(JsonNumber),
}

export const TrainingState = Type.Object({
  ...RunningEpoch,
  schedule: Type.Optional(ScheduleState),
  earlyStopping: Type.Optional(EarlyStoppingState),
  preprocessing: Type.Optional(LearnedStatistics),
})
export type TrainingState = Static<typeof TrainingState>
