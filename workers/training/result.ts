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
import { decisionsOf, type NamedLabel } from '../../src/features/jobs/plan/classes.ts'

/** `loss` is that of the weights which the job ends with, `seconds` its training time over all claims, `training` that of its last checkpoint. */
export const resultOf = (
  plan: Plan,
  spec: SyntheticSpec | null,
  last: KeptEpoch,
  {
    loss,
    seconds,
    training,
    labels,
  }: { loss: number; seconds: number; training: TrainingState | undefined; labels: readonly NamedLabel[] },
): JobResult => {
  const error = spec && estimationError(plan, spec, last.weights, training?.preprocessing)
  return {
    loss: toJsonNumber(loss),
    epochs: last.epoch,
    seconds,
    stopReason: last.stopReason ?? (plan.config.solver ? 'solved' : 'epochs'),
    ...(last.restoredEpoch ? { restoredEpoch: last.restoredEpoch } : {}),
    ...(error ? { estimationError: error } : {}),
    ...(plan.droppedRows > 0 ? { droppedRows: plan.droppedRows } : {}),
    ...confusionMatrix(plan, last, labels),
    ...(plan.config.solver && last.solution ? { solver: solverResult(plan.config.solver.type, last.solution) } : {}),
    ...(spec ? { truth: describeSynthetic(spec).truth() } : {}),
  }
}

/** How rows of each class were decided, by the names of the classes. */
const confusionMatrix = (plan: Plan, { confusion }: KeptEpoch, labels: readonly NamedLabel[]): Pick<JobResult, 'confusionMatrix'> => {
  const [classes] = decisionsOf(plan, labels)?.classes ?? []
  return confusion && classes ? { confusionMatrix: { classes, ...confusion } } : {}
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
  const { means, stds, labels } = standardization ?? { means: [], stds: [] }
  // And one of standardized labels, (y - mean) / std, in terms of y.
  const [center = 0, unit = 1] = [labels?.means[0], labels?.stds[0]]
  const inUnits = truth.weights.map((_, index) => (unit * (slopes[index] ?? Number.NaN)) / (stds[0]?.[index] ?? 1))
  const intercept = inUnits.reduce(
    (sum, slope, index) => sum - slope * (means[0]?.[index] ?? 0),
    center + unit * (learned('bias')?.[0] ?? 0),
  )
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
