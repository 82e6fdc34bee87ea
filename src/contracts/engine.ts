/**
 * The contract of every way of executing a job's maths: `open(plan, data, state?)` gives a run, and a run is
 * driven from outside in chunks of steps. The training child speaks exactly these calls over its pipe, so a
 * remote run and a local one look alike.
 */
import type { EpochRow } from './epoch-columns.ts'
import type { Plan } from './plan.ts'
import type { TrainingState } from './training-state.ts'

/** What executes the maths for a job, as the job's `engine` field says it. */
export type EngineDescription = {
  /** `eager`, `graph` or `solver` */
  name: string
  /** Spelled as in TRAINING_BACKEND. */
  backend: 'tensorflow-gpu' | 'tensorflow' | 'wasm' | 'cpu'
  device: 'cpu' | 'gpu'
  /** Version of the library behind the backend. */
  version: string
}

/** A named float32 tensor: flat values, row-major. */
export type NamedTensor = { name: string; shape: number[]; values: Float32Array }

/** A named tensor of a finished epoch with its Euclidean norm; values are null if only norms are recorded. */
export type RecordedTensor = { name: string; shape: number[]; values: Float32Array | null; norm: number }

/** Of each label column. */
export type LabelUnits = { means: number[]; stds: number[] }

/** Rows ready for training: flat float32, row-major; `features` holds one array per feature group. */
export type TrainingData = {
  rows: number
  features: Float32Array[]
  labels: Float32Array
  /** If labels are (y - mean) / std: those of each label column, so that metrics and losses can be told in its units. */
  labelUnits?: LabelUnits
  /** Rows held back for validation, empty when there are none. */
  validation?: { rows: number; features: Float32Array[]; labels: Float32Array }
}

/** A checkpoint: all that a run needs to go on bit-identically. */
export type EngineState = {
  /** Finished epochs, and finished steps of the epoch after them. */
  epoch: number
  step: number
  tensors: NamedTensor[]
  /** Everything that is not a tensor. */
  training: TrainingState
}

/** Where a run stands after a chunk of steps. */
export type ChunkReport = {
  epoch: number
  /** Finished steps of the running epoch. */
  step: number
  /** True once all steps of the epoch are done: call `evaluate` next. */
  epochEnded: boolean
}

/** What a closed form tells besides the weights; per output if a model has several. */
export type Solution = {
  /** In the shape of the parameters, flat; NaN if no degrees of freedom are left. */
  standardErrors: { weights: number[]; bias: number[] }
  /** Share of the labels' variance that the model explains. */
  r2: number[]
  degreesOfFreedom: number
}

/** One finished epoch: the row that is stored, and the tensors that go with it. */
export type EpochReport = EpochRow & {
  gradients: RecordedTensor[]
  /** Empty unless this epoch's weights are to be kept. */
  weights: RecordedTensor[]
  /** Set if they are kept for being the best so far. */
  isBest?: boolean
  /** Set when a batch or epoch loss stopped being finite: the job ends as failed. */
  diverged: boolean
  /** Set when the job is done: all epochs run, or `stopReason`. */
  finished: boolean
  /** Why the job is done before all epochs are run. */
  stopReason?: 'earlyStopping' | 'stopAtLoss'
  /** The epoch whose weights the job ends with, if early stopping went back to its best. */
  restoredEpoch?: number
  /** With the last epoch of a job whose rows have classes: rows by class and, in it, by decision. */
  confusion?: { counts: number[][]; over: 'training' | 'validation' }
  /** Set if the weights were solved for instead of trained. */
  solution?: Solution
}

/** A job opened on an engine. Calls are made one at a time. */
export type Run = {
  /** Trains at most `steps` mini-batches, never past the end of the epoch. */
  run: (steps: number) => Promise<ChunkReport>
  /** Closes the epoch: full-set loss in evaluation mode, metrics, gradients of the last mini-batch. */
  evaluate: () => Promise<EpochReport>
  exportState: () => Promise<EngineState>
  close: () => Promise<void>
  /** Why the job runs otherwise than its config makes one expect; a warning event on the job. */
  warning?: string
  /** Set if `evaluate` gives the metrics that the job asks for. */
  measures?: boolean
}

/** A way of executing jobs. */
export type Engine = {
  /** What would execute this plan: a fixed function of the plan and the installed backends. */
  describe: (plan: Plan) => EngineDescription
  open: (plan: Plan, data: TrainingData, state?: EngineState) => Promise<Run>
}
