import type { Tensor } from '@tensorflow/tfjs-core'

export type Shape = readonly number[]

/** What one optimizer step reads. */
export type StepInput = {
  state: Tensor[]
  /** The mini-batch. */
  rows: Tensor[]
  /** Scalars: the learning rate, and the step's number over the whole job, from 1. */
  learningRate: Tensor
  step: Tensor
  noise: Tensor[]
}

/**
 * A job's computation as pure functions over lists of tensors: what the graph engine compiles. `columns` are the job's
 * tables (features by group, then labels), `results` what a step leaves besides state, of which only the last step's
 * are kept: gradients and their norm.
 */
export type Computation = {
  /** Shape of one row of each column. */
  columns: Shape[]
  state: Shape[]
  results: Shape[]
  /** Shapes of the random numbers that a step over `rows` rows takes. */
  noise: (rows: number) => Shape[]
  /** One optimizer step: state after it, the batch's loss (a scalar), and results. */
  step: (input: StepInput) => {
    state: Tensor[]
    loss: Tensor
    results: Tensor[]
  }
  /**
   * In evaluation mode: the loss's total and divisor, scalars of the given rows, a scalar that is finite only if all
   * weights are, then the model's outputs.
   */
  evaluate: (input: { state: Tensor[]; rows: Tensor[] }) => Tensor[]
}

/** The sizes that a graph is made for. */
export type ComputationSize = {
  rows: number
  validationRows: number
  /** Rows of a full batch, at most `rows`. */
  batchSize: number
  /** Full batches that one round of a second loop takes, where rounds cost more than their steps; 1: there is no such loop. */
  unrolled: number
  /** Rows of the epoch's last, smaller batch; 0 if there is none. */
  lastBatch: number
  /** Rows that `evaluate` sees at a time. */
  evaluationBatch: number
}
