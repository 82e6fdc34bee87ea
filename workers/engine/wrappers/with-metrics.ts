/** Metrics around any engine: after each epoch the model's outputs are read, over the training rows and those held back. */

import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { createMetrics } from '../../../src/catalog/metrics.ts'
import type { Engine, EpochReport, NamedTensor, Run, TrainingData } from '../../../src/contracts/engine.ts'
import { rowsPerEvaluationBatch } from '../../../src/contracts/evaluation-batches.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf } from '../../../src/numerics/must.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { ofValidation } from '../metric-names.ts'
import { outputsOf } from '../step/evaluation.ts'
import { type Tf, unwrap } from '../step/tape.ts'
import { toTensor } from '../step/training-tensors.ts'

type Rows = Pick<TrainingData, 'rows' | 'features' | 'labels'>

/** The same engine, which measures what a job asks for. */
export const withMetrics = (loaded: LoadedBackend, engine: Engine): Engine => {
  const ops = createBackendOps(loaded)
  return {
    ...engine,
    open: async (plan, data, state) => {
      const run = await engine.open(plan, data, state)
      return plan.config.metrics.length > 0 && !run.measures ? watch(loaded.tf, ops, plan, data, run) : run
    },
  }
}

/** The metrics that a job asks for, of a model with these weights and running statistics. */
const measure = (
  tf: Tf,
  ops: LayerOps,
  plan: Plan,
  weights: readonly NamedTensor[],
  { rows, features, labels }: Rows,
): Record<string, number> => {
  const { config, data, outputShape } = plan
  const metrics = createMetrics(config.metrics, { loss: config.loss, columns: lastOf(outputShape) })
  const [width, labelWidth] = [sizeOf(data.inputShape), sizeOf(data.labelShape)]
  const size = rowsPerEvaluationBatch(plan)
  tf.tidy(() => {
    const tensors = Object.fromEntries(weights.map((tensor) => [tensor.name, toTensor(tf, tensor)]))
    for (let from = 0; from < rows; from += size) {
      const to = Math.min(from + size, rows)
      tf.tidy(() => {
        const inputs = features.map((values) => tf.tensor(values.subarray(from * width, to * width), [to - from, ...data.inputShape]))
        const [output] = outputsOf(ops, plan, { parameters: tensors, buffers: tensors }, inputs)
        if (output)
          metrics.add({ outputs: unwrap(output).dataSync<'float32'>(), labels: labels.subarray(from * labelWidth, to * labelWidth) })
      })
    }
  })
  return metrics.values()
}

const watch = (tf: Tf, ops: LayerOps, plan: Plan, data: TrainingData, run: Run): Run => ({
  ...run,
  evaluate: async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    const start = performance.now()
    const { tensors } = await run.exportState()
    const metrics = measure(tf, ops, plan, tensors, data)
    const held = data.validation ? ofValidation(measure(tf, ops, plan, tensors, data.validation)) : {}
    return { ...report, metrics: { ...metrics, ...held }, seconds: report.seconds + (performance.now() - start) / 1000 }
  },
})
