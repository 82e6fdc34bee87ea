/** What the steps of a chapter answer with, by their kind. */
import type { Batch, Dataset, Epoch, Gradient, Job, JobEstimate, JsonNumber, Sweep, Weights } from '../../api/types.ts'
import type { Point } from '../compare/align.ts'
import type { Better } from '../compare/metric.ts'
import type { StepKind } from './chapters/chapter.ts'

type Answers = {
  /** A dataset was made; `batch` has some of its rows. */
  data: { dataset: Dataset; batch: Batch }
  batch: { batch: Batch }
  /** Steps of gradient descent that the page took, each on a mini-batch of its own. */
  descent: { truth: { weights: number[]; bias: number } | undefined; steps: DescentStep[] }
  job: { job: Job; epochs: Epoch[]; gradients: Gradient[] }
  sweep: { sweep: Sweep; metric: string; better: Better; curves: Map<string, Point[]>; weights: Map<string, Weights> }
  loss: { predictions: JsonNumber[]; labels: JsonNumber[]; value: JsonNumber | JsonNumber[]; gradients: JsonNumber[] }
  /** Losses side by side over the same differences. */
  lossCurves: { differences: number[]; losses: { type: string; values: JsonNumber[]; gradients: JsonNumber[] }[] }
  sample: { values: number[]; mean: JsonNumber; std: JsonNumber; min: JsonNumber; max: JsonNumber }
  predictions: { rows: number[][]; predictions: JsonNumber[]; weights: Weights | undefined }
  check: { estimate: JobEstimate }
}

export type AnswerOf<Kind extends StepKind> = { kind: Kind } & Answers[Kind]
export type Answer = { [Kind in StepKind]: AnswerOf<Kind> }[StepKind]

/** One step: from `weights` and `bias` along the gradient to `next`. */
export type DescentStep = {
  features: number[][]
  labels: number[]
  predictions: number[]
  /** What was sent to evaluate the loss. */
  request: { path: string; body: object }
  weights: number[]
  bias: number
  loss: number
  /** Of the loss: with respect to each prediction, and by the chain rule to weights and bias. */
  predictionGradients: number[]
  weightGradients: number[]
  biasGradient: number
  learningRate: number
  next: { weights: number[]; bias: number }
}

/** Steps of descent that are kept and drawn. */
export const maxSteps = 500

/** What a request of each kind is, as it is shown. */
export const requestLines: Record<StepKind, string> = {
  data: 'POST /v1/datasets',
  batch: 'GET /v1/datasets/$DATASET/batch',
  descent: 'GET /v1/datasets/$DATASET/batch, POST /v1/losses/{loss}/evaluate',
  job: 'POST /v1/jobs',
  sweep: 'POST /v1/sweeps',
  loss: 'POST /v1/losses/{type}/evaluate',
  lossCurves: 'POST /v1/losses/{type}/evaluate',
  sample: 'POST /v1/initializers/{type}/sample',
  predictions: 'POST /v1/jobs/$JOB/predictions',
  check: 'POST /v1/jobs?validateOnly=true',
}
