/** Answers a request to sample an initializer. */
import type { SampleRequest, SampleResponse } from '../../src/contracts/calls.ts'
import { fansOf } from '../../src/contracts/catalog/initializer.ts'
import { type InitializerConfig, initialValues } from '../../src/contracts/catalog/initializers.ts'
import { samplingFaults } from '../../src/contracts/catalog/sampling-faults.ts'
import { throwIfFaulty } from '../../src/contracts/faults.ts'
import { toJsonNumber, toJsonNumbers } from '../../src/contracts/numbers.ts'
import { createStream } from '../../src/numerics/random.ts'
import { summarize } from '../../src/numerics/statistics.ts'

/**
 * One weight tensor as the initializer fills it, with its statistics; `std` is that of all values, not an estimate.
 * @throws Problem VALIDATION_FAILED for a shape that the initializer cannot fill
 */
export const sampleInitializer = (request: SampleRequest): SampleResponse => {
  throwIfFaulty(samplingFaults(request))
  const { initializer, shape, seed } = request
  const stream = createStream({ seed, purpose: 'init' })
  const values = initialValues(initializer as InitializerConfig, { shape, ...fansOf(shape) }, stream)
  const { mean, std, min, max } = summarize(values)
  return { values: toJsonNumbers(values), mean: toJsonNumber(mean), std: toJsonNumber(std), min: toJsonNumber(min), max: toJsonNumber(max) }
}
