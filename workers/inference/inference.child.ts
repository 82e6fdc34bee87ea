/**
 * Entry of a worker's inference child: a second small process with plain TensorFlow.js, so that a loss can be evaluated or a
 * row predicted while training keeps the other one busy.
 */

import { Problem } from '../../src/contracts/error-codes.ts'
import type { InferenceAnswer, InferenceTypes } from '../../src/contracts/inference.ts'
import { loadBackend } from '../engine/backends/load-backend.ts'
import { evaluateLoss } from '../engine/inference/evaluate-loss.ts'
import { sampleInitializer } from '../engine/inference/sample-initializer.ts'
import { createLayerOps } from '../engine/ops/layer-ops.ts'
import { createTensorOps } from '../engine/ops/ops.ts'
import { serveParent } from '../rpc/serve.ts'
import { createOpenModels } from './open-models.ts'
import { predict } from './predict.ts'
import type { InferenceMethods, PreparedRequest } from './protocol.ts'

const { tf } = await loadBackend('cpu')
const ops = createTensorOps(tf)
const layerOps = createLayerOps(tf, ops, 'cpu')

const models = createOpenModels(tf)

/** Undefined if the model is not here. */
const respond = (prepared: PreparedRequest): InferenceTypes[PreparedRequest['kind']]['response'] | undefined => {
  switch (prepared.kind) {
    case 'evaluate':
      return evaluateLoss(tf, ops, prepared.request)
    case 'sample':
      return sampleInitializer(prepared.request)
    case 'predict':
      return models.use(prepared.model, prepared.trained, (model) => predict(tf, layerOps, model, prepared.request))
  }
}

const answerTo = (prepared: PreparedRequest): InferenceAnswer | null => {
  try {
    const value = respond(prepared)
    return value ? { ok: true, value } : null
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { ok: false, problem: { code: error.code, detail: error.message, errors: error.errors } }
  }
}

serveParent<InferenceMethods>({
  answer: (prepared) => ({ answer: answerTo(prepared), rss: process.memoryUsage.rss() }),
})
