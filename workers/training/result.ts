/** The result of a job that succeeded. */

import type { JobResult } from '../../src/api/job-result.schema.ts'
import { toJsonNumber, toJsonNumbers } from '../../src/api/numbers.ts'
import type { SyntheticSpec } from '../../src/catalog/generators.ts'
import { layerDefinition } from '../../src/catalog/layers/all-layers.ts'
import type { Solution } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import type { LearnedStatistics, TrainingState } from '../../src/contracts/training-state.ts'
import { describeSynthetic } from '../../src/features/datasets/generators/generate.ts'
import type { KeptEpoch, KeptTensor } from '../../src/features/jobs/lease.ts'

/** `loss` is that of the weights which the job ends with, `seconds` its training time over all claims, `training` that of its last checkpoint. */
export const resultOf = (
  plan: Plan,
  spec: SyntheticSpec | null,
  last: KeptEpoch,
  { loss, seconds, training }: { loss: number; seconds: number; training: TrainingState | undefined },
): JobResult => {
  const error = spec && estimationError(plan, spec, last.weights, training?.preprocessing)
  return {
    loss: toJsonNumber(loss),
    epochs: last.epoch,
    seconds,
    stopReason: last.stopReason ?? (plan.config.solver ? 'solved' : 'epochs'),
    ...(last.restoredEpoch ? { restoredEpoch: last.restoredEpoch } : {}),
    ...(error ? { estimationError: error } : {}),
    ...(plan.config.solver && last.solution ? { solver: solverResult(plan.config.solver.type, last.solution) } : {}),
    ...(spec ? { truth: describeSynthetic(spec).truth() } : {}),
  }
}

/** True minus learned, for a linear model of data that a linear model made; undefined if that can't be compared. */
const estimationError = (
  { layers: [layer, ...others] }: Plan,
  spec: SyntheticSpec,
  weights: KeptTensor[],
  standardization: LearnedStatistics | undefined,
) => {
  const { linear: truth } = describeSynthetic(spec)
  if (!truth || !layer || others.length > 0 || !layerDefinition(layer.config).linearMap) return undefined
  const learned = (name: string) => {
    const values = weights.find((tensor) => tensor.name === `layers.0.${name}`)?.values
    return values instanceof Float32Array ? values : undefined
  }
  const slopes = learned('weight')
  if (slopes?.length !== truth.weights.length) return undefined
  // A model of standardized features, (x - mean) / std, in terms of x.
  const { means, stds } = standardization ?? { means: [], stds: [] }
  const inUnits = truth.weights.map((_, index) => (slopes[index] ?? Number.NaN) / (stds[0]?.[index] ?? 1))
  const intercept = inUnits.reduce((sum, slope, index) => sum - slope * (means[0]?.[index] ?? 0), learned('bias')?.[0] ?? 0)
  return {
    weights: truth.weights.map((value, index) => toJsonNumber(value - (inUnits[index] ?? Number.NaN))),
    bias: toJsonNumber(truth.bias - intercept),
  }
}

/** What a closed form tells of its answer; a model of one output has one number, others a list. */
const solverResult = (type: string, { standardErrors: { weights, bias }, r2, degreesOfFreedom }: Solution) => {
  const plain = (values: number[]) => (values.length === 1 ? toJsonNumber(values[0] ?? Number.NaN) : toJsonNumbers(values))
  return {
    type,
    rSquared: plain(r2),
    standardErrors: { weights: toJsonNumbers(weights), ...(bias.length > 0 ? { bias: plain(bias) } : {}) },
    degreesOfFreedom,
  }
}
