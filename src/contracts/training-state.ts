/**
 * What training remembers from one epoch to the next besides its tensors: part of every checkpoint, as JSON. Each part is
 * there once it is needed; checkpoints of older versions have the same parts.
 */
import { type Static, type TSchema, Type } from 'typebox'
import { JsonNumber } from '../api/numbers.ts'
import { ScheduleState } from '../catalog/schedules.ts'

const perColumn = <Value extends TSchema>(value: Value) => Type.Array(Type.Array(value))

/**
 * What preprocessing learned of the training rows, by group of features and column. A column becomes (x - mean) / std, whatever
 * center and width that are: mean and standard deviation (divisor n), smallest value and range, median and range of the middle
 * half; a width of 0 counts as 1, and a column that is not scaled has 0 and 1. Checkpoints of older versions have these alone.
 */
const LearnedStatistics = Type.Object({
  means: perColumn(Type.Number()),
  stds: perColumn(Type.Number()),
  /** What takes the place of a missing cell; null in columns that have none. */
  fills: Type.Optional(perColumn(Type.Union([Type.Number(), Type.Null()]))),
  /** Categories, counted from the lowest, that no training row has: as inputs they are 0. */
  unseen: Type.Optional(perColumn(Type.Array(Type.Integer()))),
  /** Mean and standard deviation of each label column, if labels are standardized. */
  labels: Type.Optional(Type.Object({ means: Type.Array(Type.Number()), stds: Type.Array(Type.Number()) })),
  /** The weight of each class, if they are balanced. */
  classWeights: Type.Optional(Type.Array(Type.Number())),
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
  /** Of the epoch whose weights are kept for being the best, as early stopping counts. */
  bestWeights: Type.Optional(EarlyStoppingState),
  preprocessing: Type.Optional(LearnedStatistics),
  /** Positions in `on` of the thresholds that were told. */
  toldThresholds: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
})
export type TrainingState = Static<typeof TrainingState>
