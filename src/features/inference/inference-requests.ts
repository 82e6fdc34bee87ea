/** Checks what an inference request asks for against the catalog, and fills in the defaults of its options. */
import { randomInt } from 'node:crypto'
import { createApiChecks } from '../../api/checks.ts'
import type { EvaluateLoss, SampleInitializer } from '../../api/inference.schema.ts'
import { fitsFloat32 } from '../../api/numbers.ts'
import { type Definition, objectWithDefaults } from '../../catalog/definition.ts'
import { initializerCatalog } from '../../catalog/initializers.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import { evaluationErrors } from '../../catalog/losses/loss-errors.ts'
import { samplingErrors } from '../../catalog/sampling-errors.ts'
import { Problem, type ValidationError } from '../../contracts/error-codes.ts'
import type { EvaluateRequest, JsonTensor, SampleRequest } from '../../contracts/inference.ts'
import type { Check } from '../../validation/validate.ts'
import { errorsOfEach, pointer, throwIfInvalid } from '../../validation/validation-errors.ts'

/** Readers of requests; the schemas of all options are compiled once. */
export const createInferenceRequests = () => {
  const check = createApiChecks()
  const optionChecks = (catalog: Record<string, Definition>): Map<string, Check> =>
    new Map(Object.entries(catalog).map(([type, { options }]) => [type, check(objectWithDefaults(options), '/options')]))
  const lossOptions = optionChecks(lossCatalog)
  const initializerOptions = optionChecks(initializerCatalog)

  /** @throws Problem NOT_FOUND for an unknown loss, VALIDATION_FAILED with every validation error */
  const evaluate = (type: string, { inputs, target, options, reduction }: EvaluateLoss): EvaluateRequest => {
    const errors = checksOf('loss', type, lossOptions)(options)
    const request = { loss: { ...options, type }, reduction, inputs, target }
    // What does not fit is only known of options that are right.
    const overflows = [...inputs.flatMap((input, at) => overflowErrors(input, 'inputs', at)), ...overflowErrors(target, 'target')]
    const misfits = errors.length + overflows.length === 0 ? evaluationErrors(request) : []
    throwIfInvalid([...errors, ...reductionErrors(type, reduction), ...overflows, ...misfits])
    return request
  }

  /** @throws Problem NOT_FOUND for an unknown initializer, VALIDATION_FAILED with every validation error */
  const sample = (type: string, { shape, options, seed = randomInt(2 ** 32) }: SampleInitializer): SampleRequest => {
    const errors = checksOf('initializer', type, initializerOptions)(options)
    const request = { initializer: { ...options, type }, shape, seed }
    throwIfInvalid([...errors, ...(errors.length === 0 ? samplingErrors(request) : [])])
    return request
  }

  return { evaluate, sample }
}

export type InferenceRequests = ReturnType<typeof createInferenceRequests>

const checksOf = (what: string, type: string, checks: Map<string, Check>): Check => {
  const found = checks.get(type)
  if (found) return found
  const message = `there is no ${what} "${type}"; there are ${[...checks.keys()].join(', ')}`
  throw new Problem('NOT_FOUND', message, [{ path: '/type', code: 'not_found', message, value: type }])
}

/** Numbers that a float32 cannot hold; infinities are written as strings, and meant. */
const overflowErrors = ({ values }: JsonTensor, ...path: (string | number)[]): ValidationError[] =>
  errorsOfEach(values, (value, index) => {
    if (typeof value !== 'number' || fitsFloat32(value)) return undefined
    const message = 'must be a number that a float32 can hold, or "NaN", "Infinity" or "-Infinity"'
    return { path: pointer(...path, 'values', index), code: 'not_finite', message, value: String(value) }
  })

const reductionErrors = (type: string, reduction: EvaluateLoss['reduction']): ValidationError[] => {
  const { reductions }: Loss = lossCatalog[type as keyof typeof lossCatalog]
  const message = `${type} has the reductions ${reductions.join(', ')}`
  return reductions.includes(reduction) ? [] : [{ path: '/reduction', code: 'enum', message, value: reduction }]
}
