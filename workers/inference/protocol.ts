/** What passes between a worker and its inference child. */

import type { EngineState } from '../../src/contracts/engine.ts'
import type { EvaluateRequest, InferenceAnswer, PredictRequest, SampleRequest } from '../../src/contracts/inference.ts'
import type { Plan } from '../../src/contracts/plan.ts'

/** What the child needs for a prediction besides the rows: the trained model. */
export type Trained = { plan: Plan; state: EngineState }

export type PreparedRequest =
  | { kind: 'evaluate'; request: EvaluateRequest }
  | { kind: 'sample'; request: SampleRequest }
  | { kind: 'predict'; request: PredictRequest; trained: Trained }

export type InferenceMethods = {
  answer: { argument: PreparedRequest; value: InferenceAnswer }
  /** Resident bytes that the child holds. */
  rss: { argument: null; value: number }
}
