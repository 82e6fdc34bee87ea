/** Quantiles of a normal distribution that is cut off on both sides, however far out in its tails. */
import { normalCumulative } from './normal-cumulative.ts'
import { normalQuantile } from './normal-quantile.ts'

const { exp, expm1, log, log1p, sqrt, PI } = Math

/** From here on Laplace's continued fraction has all digits, and the distribution function loses them. */
const farOut = 6

/** Newton's method has all digits long before. */
const maxIterations = 50

/**
 * The quantile function of N(mean, std²) between a and b, for probabilities in [0, 1): `std` above 0, a <= b. If the
 * mean lies between them by inversion of the distribution function, else on a logarithmic scale from the nearer bound, so
 * that bounds any number of standard deviations away give numbers with all their digits.
 */
export const truncatedNormalQuantile = ({ mean, std, a, b }: { mean: number; std: number; a: number; b: number }) => {
  const within = (value: number): number => Math.min(b, Math.max(a, value))
  const length = (b - a) / std
  if (length === 0) return () => a
  if (mean <= a) {
    const distance = tailDistances((a - mean) / std, length)
    return (probability: number): number => within(a + std * distance(probability))
  }
  if (mean >= b) {
    const distance = tailDistances((mean - b) / std, length)
    return (probability: number): number => within(b - std * distance(1 - probability))
  }
  const low = normalCumulative((a - mean) / std)
  const high = normalCumulative((b - mean) / std)
  return (probability: number): number => within(mean + std * normalQuantile(low + (high - low) * probability))
}

/**
 * Mills' ratio Q(x) / φ(x) of a standard normal, x >= 0: its survival function over its density. Far out by Laplace's
 * continued fraction 1/(x + 1/(x + 2/(x + 3/(x + …)))) (Abramowitz and Stegun, 26.2.14), so nothing underflows.
 */
const millsRatio = (x: number): number => {
  if (x < farOut) return normalCumulative(-x) * sqrt(2 * PI) * exp((x * x) / 2)
  let tail = x
  for (let term = 60; term >= 1; term -= 1) tail = x + term / tail
  return 1 / tail
}

/** log Q(start + distance) − log Q(start): in this form no digits of a small distance are lost. */
const logSurvivalRatio = (start: number, distance: number): number =>
  distance === Number.POSITIVE_INFINITY
    ? Number.NEGATIVE_INFINITY
    : -distance * (start + distance / 2) + log(millsRatio(start + distance) / millsRatio(start))

/**
 * How far behind `start` >= 0 the survival function has fallen to exp(`target`) times what it is at `start`; `target` <= 0.
 * Newton's method on log Q, which is concave: from a point beyond the root it comes down to it step by step. The first
 * point lies beyond since Q(x) <= Q(start) · exp(−(x² − start²) / 2).
 */
const distanceTo = (start: number, target: number): number => {
  let distance = (-2 * target) / (start + sqrt(start * start - 2 * target))
  if (!(distance > 0)) return 0
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    // The derivative of log Q is −φ / Q.
    const step = (logSurvivalRatio(start, distance) - target) * millsRatio(start + distance)
    if (!(step < -1e-15 * distance)) return distance
    distance = Math.max(distance + step, 0)
  }
  return distance
}

/** Quantiles of the part of N(0, 1) that begins at `start` >= 0, as distances from there; at most `length`. */
const tailDistances = (start: number, length: number): ((probability: number) => number) => {
  // A start that no number holds: all of it lies there.
  if (start === Number.POSITIVE_INFINITY) return () => 0
  const share = -expm1(logSurvivalRatio(start, length))
  return (probability) => Math.min(length, distanceTo(start, log1p(-probability * share)))
}
