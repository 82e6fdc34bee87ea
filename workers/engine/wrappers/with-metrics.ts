/** Metrics around any engine: after each epoch the model's outputs are read, over the training rows and those held back. */

import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { createMetrics } from '../../../src/catalog/metrics.ts'
import type { Engine, EpochReport, NamedTensor, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { lastOf } from '../../../src/numerics/must.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { ofValidation } from '../metric-names.ts'
import type { Tf } from '../step/tape.ts'
import { eachOutputs, type Rows } from './model-outputs.ts'

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

const watch = (tf: Tf, ops: LayerOps, plan: Plan, data: TrainingData, run: Run): Run => {
  /** The metrics that a job asks for, of a model with these weights and running statistics. */
  const measure = (weights: readonly NamedTensor[], rows: Rows): Record<string, number> => {
    const { config, outputShape } = plan
    const metrics = createMetrics(config.metrics, { loss: config.loss, columns: lastOf(outputShape), units: data.labelUnits })
    eachOutputs({ tf, ops }, plan, weights, rows, metrics.add)
    return metrics.values()
  }
  return {
    ...run,
    evaluate: async (): Promise<EpochReport> => {
      const report = await run.evaluate()
      const start = performance.now()
      const { tensors } = await run.exportState()
      const metrics = measure(tensors, data)
      const held = data.validation ? ofValidation(measure(tensors, data.validation)) : {}
      return { ...report, metrics: { ...metrics, ...held }, seconds: report.seconds + (performance.now() - start) / 1000 }
    },
  }
}
