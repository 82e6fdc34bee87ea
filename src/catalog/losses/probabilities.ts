/** From a model's outputs to probabilities, for predictions. */

/** exp(x) over its sum, without overflow. */
export const softmax = (outputs: readonly number[]): number[] => {
  const largest = outputs.reduce((most, output) => Math.max(most, output), Number.NEGATIVE_INFINITY)
  const powers = outputs.map((output) => Math.exp(output - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** Of log-probabilities. */
export const exponential = (outputs: readonly number[]): number[] => outputs.map(Math.exp)

export const sigmoid = (outputs: readonly number[]): number[] => outputs.map((output) => 1 / (1 + Math.exp(-output)))

/** Outputs that are probabilities already. */
export const asTheyAre = (outputs: readonly number[]): number[] => [...outputs]
