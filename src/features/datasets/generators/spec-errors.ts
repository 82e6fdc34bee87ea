/** What is wrong with a synthetic spec beyond its schema. */

import type { SyntheticSpec } from '../../../catalog/generators.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import { errorsOfKind } from './generate.ts'

/** Float32 values that one synthetic table may hold: 1 GiB. */
const largestTable = 2 ** 28

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
  return [...errors, ...errorsOfKind(spec)]
}
