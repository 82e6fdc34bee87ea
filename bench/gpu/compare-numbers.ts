/** How far two runs of the same job are apart, measured as everywhere here: by the largest value of each tensor. */
import type { Numbers } from './cases.ts'

/** Relative distances by kind, the largest of all tensors; NaN if anything is missing or not a number. */
export type Distances = { loss: number; gradient: number; weight: number }

/** What is allowed of runs that PyTorch computed: losses and weights of whole runs, gradients inside runs. */
const ofShortRuns: Distances = { loss: 1e-4, gradient: 1e-3, weight: 1e-4 }

/**
 * Of the timed jobs, which are longer: a ReLU or a pooling that falls to the other side of a tie, by one rounding, changes the
 * gradient of a whole mini-batch, and what follows. Their loss must agree all the same.
 */
const ofLongRuns: Distances = { loss: 1e-4, gradient: 0.2, weight: 1e-2 }

const kinds = ['loss', 'gradient', 'weight'] as const satisfies readonly (keyof Distances)[]

/** max|a − b| / max(1e-3, max|b|) over each tensor of `expected`. */
export const distances = (actual: Numbers, expected: Numbers): Distances => {
  const largest: Distances = { loss: 0, gradient: 0, weight: 0 }
  for (const [key, wanted] of expected) {
    const kind = kinds.find((each) => key.split('/')[1] === each)
    if (kind) largest[kind] = Math.max(largest[kind], distance(actual.get(key) ?? [], wanted))
  }
  return largest
}

/** Whether each distance is a number within what is allowed. */
export const agree = (measured: Distances, length: 'short' | 'long'): boolean =>
  kinds.every((kind) => measured[kind] <= (length === 'short' ? ofShortRuns : ofLongRuns)[kind])

const distance = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (actual.length !== expected.length) return Number.NaN
  let [scale, apart] = [1e-3, 0]
  for (let index = 0; index < expected.length; index += 1) {
    const [got, wanted] = [Number(actual[index]), Number(expected[index])]
    scale = Math.max(scale, Math.abs(wanted))
    apart = Math.max(apart, Math.abs(got - wanted))
  }
  return apart / scale
}
