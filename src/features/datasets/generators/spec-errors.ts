/** What is wrong with a synthetic spec beyond its schema. */

import { largestFloat32 } from '../../../api/numbers.ts'
import type { SpecOf, SyntheticSpec } from '../../../catalog/generators.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'

/** Float32 values that one synthetic table may hold: 1 GiB. */
const largestTable = 2 ** 28

/** Numbers that the centers of clouds may have together: they are part of what a job tells at its end. */
const maxCoordinates = 100_000

/** What is wrong with a spec beyond its schema, with paths relative to it; empty when it can be generated. Nothing is generated. */
export const syntheticErrors = (spec: SyntheticSpec): ValidationError[] => {
  const errors: ValidationError[] = []
  if ('low' in spec && !(spec.low < spec.high)) {
    errors.push({ path: '/high', code: 'range', message: `must be above low, which is ${spec.low}`, value: spec.high })
  }
  const width = 'weights' in spec ? spec.weights.length : 'features' in spec ? spec.features : 2
  if ((width + 1) * spec.examples > largestTable) {
    const message = `${spec.examples} rows of ${width + 1} columns are more than the ${largestTable} values a table may hold`
    errors.push({ path: '/examples', code: 'too_large', message, value: spec.examples })
  }
  if (spec.kind === 'blobs') errors.push(...centerErrors(spec))
  if (spec.kind === 'polynomial') errors.push(...overflowErrors(spec))
  return errors
}

const centerErrors = ({ centers, features }: SpecOf<'blobs'>): ValidationError[] => {
  if (centers * features <= maxCoordinates) return []
  const message = `${centers} centers of ${features} features have more than the ${maxCoordinates} coordinates that are allowed`
  return [{ path: '/centers', code: 'too_large', message, value: centers }]
}

/**
 * Powers are the only thing in any generator that leaves float32: the ranges of all other options, a normal number being
 * below 7, keep the sums that they go into under 1e18.
 */
const overflowErrors = ({ coefficients, low, high }: SpecOf<'polynomial'>): ValidationError[] => {
  const largest = Math.max(Math.abs(low), Math.abs(high))
  const term = (power: number): number => (coefficients[power] === 0 ? 0 : Math.abs(coefficients[power] ?? 0) * largest ** power)
  const terms = coefficients.map((_, power) => term(power))
  if (terms.reduce((sum, each) => sum + each, 0) <= largestFloat32) return []
  const worst = terms.indexOf(Math.max(...terms))
  const message = `with x from ${low} to ${high} this term reaches ${terms[worst]?.toPrecision(3)}; a float32 holds at most ${largestFloat32}: choose a smaller coefficient or range`
  return [{ path: `/coefficients/${worst}`, code: 'range', message, value: coefficients[worst] }]
}
