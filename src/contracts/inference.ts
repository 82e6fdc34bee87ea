/**
 * Inference requests, which need the engine and are answered at once: evaluate a loss, sample an initializer, predict. The API writes
 * one as a row and notifies the workers; the inference child of the one that takes it answers it into the same row. Requests are validated
 * before they are written: options hold every default of the catalog entry. They travel as JSON, so non-finite
 * numbers are strings on the way.
 */

import type { JsonNumber } from '../api/numbers.ts'
import type { Reduction } from '../catalog/losses/loss.ts'
import type { ProblemCode, ValidationError } from './error-codes.ts'

/** A tensor as JSON: flat values, row-major; shape `[]` for a scalar. */
export type JsonTensor = { shape: number[]; values: JsonNumber[] }

/** The value of a loss and the gradients of sum(value) with respect to each input. The class axis is PyTorch's, 1. */
export type EvaluateRequest = {
  /** A loss config: type and options of its catalog entry. */
  loss: { type: string } & Record<string, unknown>
  reduction: Reduction
  /** One tensor, or two for a loss of two inputs. */
  inputs: JsonTensor[]
  target: JsonTensor
}
export type EvaluateResponse = {
  /** A tensor for none, else a number. */
  value: JsonNumber | JsonTensor
  /** In the order of the inputs. */
  gradients: JsonTensor[]
}

/** Draws one tensor from an initializer. */
export type SampleRequest = {
  /** An initializer config: type and options of its catalog entry. */
  initializer: { type: string } & Record<string, unknown>
  /** Dense `[in, out]`, convolutions `[...kernel, in, out]`. */
  shape: number[]
  seed: number
}
export type SampleResponse = { values: JsonNumber[]; mean: JsonNumber; std: JsonNumber; min: JsonNumber; max: JsonNumber }

/** What a job's newest weights give for rows in the units of its dataset; the job's preprocessing is the worker's to apply. */
export type PredictRequest = {
  jobId: string
  /** Whose weights; those of the newest epoch unless said. */
  epoch?: number
  /**
   * One group of rows, or two for a loss of two inputs; each row lists the group's feature columns in the plan's order, as the
   * numbers that training reads: codes of categories, days of dates, null for what is missing.
   */
  features: (number | null)[][][]
  /** The labels of each row, if metrics are wanted. */
  labels?: number[][]
}
export type PredictResponse = {
  /** Finished epochs behind the weights. */
  epoch: number
  /** One flat output per row. */
  predictions: JsonNumber[][]
  /** The loss and the metrics that the job asks for, by name, if there were labels. */
  metrics?: Record<string, JsonNumber>
}

/** Request and response of each kind of inference request. */
export type InferenceTypes = {
  evaluate: { request: EvaluateRequest; response: EvaluateResponse }
  sample: { request: SampleRequest; response: SampleResponse }
  predict: { request: PredictRequest; response: PredictResponse }
}
export type InferenceKind = keyof InferenceTypes

/** An inference request as a worker finds it. */
export type InferenceRequest = {
  [Kind in InferenceKind]: { id: string; kind: Kind; request: InferenceTypes[Kind]['request'] }
}[InferenceKind]

/** What is written into the row's `response`. `ok: false` becomes the problem that the client meets. */
export type InferenceAnswer<Kind extends InferenceKind = InferenceKind> =
  | { ok: true; value: InferenceTypes[Kind]['response'] }
  | { ok: false; problem: { code: ProblemCode; detail: string; errors?: ValidationError[] } }

/** How long the API waits for an answer before it is a 504. */
export const inferenceTimeoutMs = 10_000
