/** How many steps fit into a chunk: measured as it goes, guessed from the work of a step before anything was measured. */

import type { Plan } from '../../src/contracts/plan.ts'
import { sizeOf } from '../../src/numerics/shape.ts'

/** What a slow backend does on a bad day: the first guess must not overshoot, since a chunk can't be interrupted. */
const cautiousFlopsPerSecond = 3e8
/** What a step costs however small it is, operation by operation. */
const cautiousMsPerStep = 1

/** Multiply-adds of one training step, forward and backward, times two. */
export const flopsPerStep = (plan: Plan): number => {
  const perExample = plan.layers.reduce((sum, { parameters, outputShape }) => {
    // A kernel is applied at every position of the output, a dense weight once.
    const positions = sizeOf(outputShape.slice(0, -1))
    return sum + 6 * positions * parameters.reduce((size, { shape }) => size + sizeOf(shape), 0) + sizeOf(outputShape)
  }, 0)
  return perExample * Math.max(1, plan.config.training.batchSize)
}

/** Chunk sizes for runs of `targetMs`. */
export const createPace = ({ targetMs, flops }: { targetMs: number; flops: number }) => {
  let msPerStep = cautiousMsPerStep + (1000 * flops) / cautiousFlopsPerSecond

  /** Steps for the next chunk, at most `left`. */
  const steps = (left: number): number => Math.max(1, Math.min(left, Math.floor(targetMs / Math.max(msPerStep, 1e-6))))

  /** Takes in how long a chunk took; a slowdown counts at once, a speedup by halves. */
  const measured = (stepsDone: number, ms: number): void => {
    const latest = ms / Math.max(1, stepsDone)
    msPerStep = latest > msPerStep ? latest : (latest + msPerStep) / 2
  }

  return { steps, measured }
}

export type Pace = ReturnType<typeof createPace>
