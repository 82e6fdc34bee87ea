/** What operations answer. */
import { type JsonNumber, toJsonNumber, toJsonNumbers } from '../../../src/api/numbers.ts'
import type { NamedTensor } from '../../../src/contracts/engine.ts'
import { normOf } from '../../../src/numerics/statistics.ts'

/** What one operation gave, as the answer has it. */
export type OperationResult = { type: string; loss?: JsonNumber } & Record<string, unknown>

/** Tensors as an answer has them: all, or those of some names, with their values or without. */
export const toldTensors = (tensors: readonly NamedTensor[], { names, reduce }: { names?: string[]; reduce: 'full' | 'norm' }) =>
  tensors
    .filter(({ name }) => !names || names.includes(name))
    .map(({ name, shape, values }) => ({
      name,
      shape,
      ...(reduce === 'full' ? { values: toJsonNumbers(values) } : {}),
      norm: toJsonNumber(normOf(values)),
    }))

/** Euclidean norm of all values together. */
export const normOfAll = (tensors: readonly NamedTensor[]): JsonNumber =>
  toJsonNumber(Math.hypot(...tensors.map(({ values }) => normOf(values))))

/** Euclidean distance of two sets of the same tensors. */
export const distance = (before: readonly NamedTensor[], after: readonly NamedTensor[]): JsonNumber => {
  let sum = 0
  for (const [at, { values }] of after.entries()) {
    const old = before[at]?.values
    for (let position = 0; position < values.length; position += 1) sum += ((values[position] as number) - (old?.[position] ?? 0)) ** 2
  }
  return toJsonNumber(Math.sqrt(sum))
}
