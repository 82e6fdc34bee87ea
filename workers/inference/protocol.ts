/** What passes between a worker and its inference child. */

import type { EngineState } from '../../src/contracts/engine.ts'
import type { EvaluateRequest, InferenceAnswer, PredictRequest, SampleRequest } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'

/** What the child needs for a prediction besides the rows: the trained model. */
export type Trained = { plan: Plan; state: EngineState }

/** `model` names weights: the same name never stands for older ones. `trained` are they, if the child said that it lacks them. */
export type PreparedRequest =
  | { kind: 'evaluate'; request: EvaluateRequest }
  | { kind: 'sample'; request: SampleRequest }
  | { kind: 'predict'; request: PredictRequest; model: string; trained?: Trained }

export type InferenceMethods = {
  /** No answer if the child lacks the model. `rss`: resident bytes that it holds. */
  answer: { argument: PreparedRequest; value: { answer: InferenceAnswer | null; rss: number } }
}
