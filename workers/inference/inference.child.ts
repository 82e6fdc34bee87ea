/**
 * Entry of a worker's inference child: a second small process with plain TensorFlow.js, so that a loss can be evaluated or a
 * row predicted while training keeps the other one busy.
 */

import { Problem } from '../../src/contracts/error-codes.ts'
import type { CallAnswer, Calls } from '../../src/contracts/inference.ts'
import { loadBackend } from '../engine/backends/load-backend.ts'
import { evaluateLoss } from '../engine/inference/evaluate-loss.ts'
import { sampleInitializer } from '../engine/inference/sample-initializer.ts'
import { createLayerOps } from '../engine/ops/layer-ops.ts'
import { createTensorOps } from '../engine/ops/ops.ts'
import { serveParent } from '../rpc/serve.ts'
import { predict } from './predict.ts'
import type { InferenceMethods, Question } from './protocol.ts'

const { tf } = await loadBackend('cpu')
const ops = createTensorOps(tf)
const layerOps = createLayerOps(tf, ops, 'cpu')

const respond = (question: Question): Calls[Question['kind']]['response'] => {
  switch (question.kind) {
    case 'evaluate':
      return evaluateLoss(tf, ops, question.request)
    case 'sample':
      return sampleInitializer(question.request)
    case 'predict':
      return predict(tf, layerOps, question.trained, question.request)
  }
}

serveParent<InferenceMethods>({
  answer: (question): CallAnswer => {
    try {
      return { ok: true, value: respond(question) }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { ok: false, problem: { code: error.code, detail: error.message, errors: error.errors } }
    }
  },
  rss: () => process.memoryUsage.rss(),
})
