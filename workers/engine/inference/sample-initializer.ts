/** Answers a request to sample an initializer. */

import { toJsonNumber, toJsonNumbers } from '../../../src/api/numbers.ts'
import { fansOf } from '../../../src/catalog/fill-weights.ts'
import { type InitializerConfig, initialValues } from '../../../src/catalog/initializers.ts'
import { samplingErrors } from '../../../src/catalog/sampling-errors.ts'
import type { SampleRequest, SampleResponse } from '../../../src/contracts/inference.ts'
import { createStream } from '../../../src/numerics/random.ts'
import { summarize } from '../../../src/numerics/statistics.ts'
import { throwIfInvalid } from '../../../src/validation/validation-errors.ts'

/**
 * One weight tensor as the initializer fills it, with its statistics; `std` is that of all values, not an estimate.
 * @throws Problem VALIDATION_FAILED for a shape that the initializer cannot fill
 */
export const sampleInitializer = (request: SampleRequest): SampleResponse => {
  throwIfInvalid(samplingErrors(request))
  const { initializer, shape, seed } = request
  const stream = createStream({ seed, purpose: 'init' })
  const values = initialValues(initializer as InitializerConfig, { shape, ...fansOf(shape) }, stream)
  const { mean, std, min, max } = summarize(values)
  return { values: toJsonNumbers(values), mean: toJsonNumber(mean), std: toJsonNumber(std), min: toJsonNumber(min), max: toJsonNumber(max) }
}
