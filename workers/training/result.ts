/** The result of a job that succeeded. */
import type { SyntheticSpec } from '../../src/contracts/catalog/generators.ts'
import type { EpochReport, RecordedTensor } from '../../src/contracts/engine.ts'
import { type JsonNumber, toJsonNumber } from '../../src/contracts/numbers.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { describeSynthetic } from '../../src/features/datasets/generators/generate.ts'

/** True minus learned, for a linear model of data that a linear model made; undefined where that can't be compared. */
const estimationError = (
  plan: Plan,
  spec: SyntheticSpec,
  weights: RecordedTensor[],
): { weights: JsonNumber[]; bias: JsonNumber } | undefined => {
  const [layer, ...others] = plan.layers
  if (spec.kind !== 'linear' || !layer || others.length > 0 || layer.config.type !== 'dense') return undefined
  const learned = (name: string) => weights.find((tensor) => tensor.name === `layers.0.${name}`)?.values
  const weight = learned('weight')
  if (!weight || weight.length !== spec.weights.length) return undefined
  return {
    weights: spec.weights.map((value, index) => toJsonNumber(value - (weight[index] ?? Number.NaN))),
    bias: toJsonNumber(spec.bias - (learned('bias')?.[0] ?? 0)),
  }
}

/** `seconds` is training time, over all claims of the job. */
export const resultOf = (plan: Plan, spec: SyntheticSpec | null, last: EpochReport, seconds: number): Record<string, unknown> => {
  const result = { loss: toJsonNumber(last.loss), epochs: last.epoch, seconds }
  if (!spec) return result
  const error = estimationError(plan, spec, last.weights)
  return { ...result, ...(error ? { estimationError: error } : {}), truth: describeSynthetic(spec).truth }
}
