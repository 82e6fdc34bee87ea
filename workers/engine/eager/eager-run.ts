/** A job on the backend, one operation at a time from JavaScript. */
import type * as TensorFlow from '@tensorflow/tfjs-core'
import { fromJsonNumber, toJsonNumber } from '../../../src/api/numbers.ts'
import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import type { Tensor, Tensors } from '../../../src/catalog/ops.ts'
import type { EngineState, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { batchOf, epochOrder, tableOf } from '../step/batches.ts'
import { createCountedBatches } from '../step/counted.ts'
import { createEpochProgress } from '../step/epoch-progress.ts'
import { measureLoss } from '../step/evaluation.ts'
import { createMasks } from '../step/masks.ts'
import { recordGradients, recordWeights } from '../step/recorded.ts'
import { createStep } from '../step/step.ts'
import { dispose, openTrainingTensors, readTensors, readTrainingTensors, toTensor } from '../step/training-tensors.ts'

/** Prefix of the last mini-batch's gradients in a checkpoint between an epoch's steps and its evaluation. */
const gradientPrefix = 'gradient/'

type LastBatch = { gradients: Tensors; norm: number }

export const openEagerRun = (tf: typeof TensorFlow, ops: LayerOps, plan: Plan, data: TrainingData, state?: EngineState): Run => {
  const progress = createEpochProgress(plan, state)
  const rows = tableOf(plan, data)
  const validation = data.validation && data.validation.rows > 0 ? tableOf(plan, data.validation) : undefined
  const countedBatches = createCountedBatches(plan, data)
  const step = createStep(tf, ops, plan)
  const masksAt = createMasks(tf, plan)
  let tensors = openTrainingTensors(tf, plan, state)
  let last = restoreLastBatch(tf, state)
  let order: { epoch: number; positions: Int32Array | undefined } | undefined

  const orderOf = (epoch: number): Int32Array | undefined => {
    if (order?.epoch !== epoch) order = { epoch, positions: epochOrder(plan, epoch) }
    return order.positions
  }

  /** Makes one step and gives its loss, not yet read from the backend. */
  const trainOne = (number: number, learningRate: Tensor, norms: { latest?: Tensor }): Tensor => {
    const { epoch } = progress.position()
    const batch = batchOf(tf, rows, plan.config.training.batchSize, number, orderOf(epoch + 1))
    const total = epoch * plan.stepsPerEpoch + number + 1
    const masks = masksAt({ step: total, rows: batch.rows })
    const at = tf.scalar(total)
    const { loss, gradients, gradientNorm, ...updated } = step({ ...tensors, ...batch, masks, step: at, learningRate })
    const unchanged = new Set(Object.values(updated.buffers))
    const old = Object.values(tensors.buffers).filter((tensor) => !unchanged.has(tensor))
    dispose(tf, tensors.parameters, ...Object.values(tensors.slots), old, last.gradients, batch.features, [batch.labels, at], ...masks)
    if (norms.latest) dispose(tf, [norms.latest])
    norms.latest = gradientNorm
    tensors = updated
    last = { ...last, gradients }
    return loss
  }

  const train = (steps: number): void => {
    const count = Math.min(steps, progress.remaining())
    const first = progress.position().step
    const learningRate = tf.scalar(progress.learningRate())
    const norms: { latest?: Tensor } = {}
    const losses = Array.from({ length: count }, (_, made) => trainOne(first + made, learningRate, norms))
    progress.addBatches(losses.map(scalarOf))
    if (norms.latest) last = { ...last, norm: scalarOf(norms.latest) }
    dispose(tf, losses, [learningRate], norms.latest ? [norms.latest] : [])
  }

  const evaluate = () => {
    const outcome = progress.timed(() => ({
      training: measureLoss(tf, ops, plan, tensors, rows),
      validation: validation && measureLoss(tf, ops, plan, tensors, validation),
      countedBatches: countedBatches(progress.position().epoch + 1),
    }))
    const row = progress.closeEpoch(outcome)
    return {
      ...row,
      gradientNorm: last.norm,
      metrics: {},
      gradients: recordGradients(plan, () => readTensors(last.gradients)),
      weights: recordWeights(plan, row, () => [...readTensors(tensors.parameters), ...readTensors(tensors.buffers)]),
    }
  }

  const exportState = (): EngineState => {
    const { epoch, step: made, epochEnded } = progress.position()
    return {
      epoch,
      step: made,
      tensors: [...readTrainingTensors(tensors), ...(epochEnded ? readTensors(last.gradients, gradientPrefix) : [])],
      training: { ...progress.exportTraining(), gradientNorm: toJsonNumber(last.norm) },
    }
  }

  const close = (): void => {
    dispose(tf, tensors.parameters, ...Object.values(tensors.slots), tensors.buffers, last.gradients)
  }

  return {
    run: async (steps) => {
      progress.timed(() => train(steps))
      return progress.position()
    },
    evaluate: async () => evaluate(),
    exportState: async () => exportState(),
    close: async () => close(),
  }
}

const scalarOf = (tensor: Tensor): number => (tensor as TensorFlow.Tensor).dataSync()[0] ?? Number.NaN

/** Gradients that a checkpoint taken at the end of an epoch's steps holds. */
const restoreLastBatch = (tf: typeof TensorFlow, state: EngineState | undefined): LastBatch => {
  const saved = state?.tensors.filter(({ name }) => name.startsWith(gradientPrefix)) ?? []
  return {
    gradients: Object.fromEntries(saved.map((tensor) => [tensor.name.slice(gradientPrefix.length), toTensor(tf, tensor)])),
    norm: fromJsonNumber(state?.training.gradientNorm ?? 0),
  }
}
