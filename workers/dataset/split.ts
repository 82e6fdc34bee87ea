import type { Plan } from '../../src/contracts/plan.ts'
import { createStream } from '../../src/numerics/random.ts'

/** Index of the stream that chooses validation rows, apart from those that make synthetic rows. */
const splitStream = 1000

/**
 * Which rows are held back for validation: as many as the plan says, chosen at random by the job's seed, so that
 * tables sorted by class are split fairly; none if they are a dataset of their own. Training rows keep their order.
 */
export const isValidationRow = (plan: Plan): ((row: number) => boolean) => {
  if (plan.validationRows === 0 || plan.data.validation) return () => false
  const order = createStream({ seed: plan.config.training.seed, purpose: 'data', index: splitStream }).permutation(plan.data.rows)
  const held = new Uint8Array(plan.data.rows)
  for (const row of order.subarray(0, plan.validationRows)) held[row] = 1
  return (row) => held[row] === 1
}
