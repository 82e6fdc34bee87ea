/**
 * Entry of a worker's calls child: a second small process with plain TensorFlow.js, so that a loss can be evaluated or a
 * row predicted while training keeps the other one busy.
 */
import type { CallAnswer, Calls } from '../../src/contracts/calls.ts'
import { Problem } from '../../src/contracts/problems.ts'
import { evaluateLoss } from '../engine/evaluate-loss.ts'
import { createLayerOps } from '../engine/layer-ops.ts'
import { loadBackend } from '../engine/load-backend.ts'
import { createTensorOps } from '../engine/ops.ts'
import { sampleInitializer } from '../engine/sample-initializer.ts'
import { serveParent } from '../rpc/serve.ts'
import { predict } from './predict.ts'
import type { CallMethods, Question } from './protocol.ts'

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

serveParent<CallMethods>({
  answer: (question): CallAnswer => {
    try {
      return { ok: true, value: respond(question) }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { ok: false, problem: { code: error.code, detail: error.message, errors: error.faults } }
    }
  },
})
