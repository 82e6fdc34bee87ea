/** Checks what a call asks for against the catalog, and fills in the defaults of its options. */
import { randomInt } from 'node:crypto'
import type { EvaluateRequest, JsonTensor, SampleRequest } from '../../contracts/calls.ts'
import { type Definition, objectWithDefaults } from '../../contracts/catalog/definition.ts'
import { initializerCatalog } from '../../contracts/catalog/initializers.ts'
import type { Loss } from '../../contracts/catalog/loss.ts'
import { evaluationFaults } from '../../contracts/catalog/loss-faults.ts'
import { lossCatalog } from '../../contracts/catalog/losses.ts'
import { samplingFaults } from '../../contracts/catalog/sampling-faults.ts'
import type { EvaluateLoss, SampleInitializer } from '../../contracts/engine-calls.ts'
import { faultsOfEach, pointer, throwIfFaulty } from '../../contracts/faults.ts'
import { fitsFloat32 } from '../../contracts/numbers.ts'
import { type Fault, Problem } from '../../contracts/problems.ts'
import { type Check, createChecks } from '../../contracts/validate.ts'

/** Readers of requests; the schemas of all options are compiled once. */
export const createEngineRequests = () => {
  const check = createChecks()
  const optionChecks = (catalog: Record<string, Definition>): Map<string, Check> =>
    new Map(Object.entries(catalog).map(([type, { options }]) => [type, check(objectWithDefaults(options), '/options')]))
  const lossOptions = optionChecks(lossCatalog)
  const initializerOptions = optionChecks(initializerCatalog)

  /** @throws Problem NOT_FOUND for an unknown loss, VALIDATION_FAILED with every fault */
  const evaluate = (type: string, { inputs, target, options, reduction }: EvaluateLoss): EvaluateRequest => {
    const faults = checksOf('loss', type, lossOptions)(options)
    const request = { loss: { ...options, type }, reduction, inputs, target }
    // What does not fit is only known of options that are right.
    const overflows = [...inputs.flatMap((input, at) => overflowFaults(input, 'inputs', at)), ...overflowFaults(target, 'target')]
    const misfits = faults.length + overflows.length === 0 ? evaluationFaults(request) : []
    throwIfFaulty([...faults, ...reductionFaults(type, reduction), ...overflows, ...misfits])
    return request
  }

  /** @throws Problem NOT_FOUND for an unknown initializer, VALIDATION_FAILED with every fault */
  const sample = (type: string, { shape, options, seed = randomInt(2 ** 32) }: SampleInitializer): SampleRequest => {
    const faults = checksOf('initializer', type, initializerOptions)(options)
    const request = { initializer: { ...options, type }, shape, seed }
    throwIfFaulty([...faults, ...(faults.length === 0 ? samplingFaults(request) : [])])
    return request
  }

  return { evaluate, sample }
}

export type EngineRequests = ReturnType<typeof createEngineRequests>

const checksOf = (what: string, type: string, checks: Map<string, Check>): Check => {
  const found = checks.get(type)
  if (found) return found
  const message = `there is no ${what} "${type}"; there are ${[...checks.keys()].join(', ')}`
  throw new Problem('NOT_FOUND', message, [{ path: '/type', code: 'not_found', message, value: type }])
}

/** Numbers that a float32 cannot hold; infinities are written as strings, and meant. */
const overflowFaults = ({ values }: JsonTensor, ...path: (string | number)[]): Fault[] =>
  faultsOfEach(values, (value, index) => {
    if (typeof value !== 'number' || fitsFloat32(value)) return undefined
    const message = 'must be a number that a float32 can hold, or "NaN", "Infinity" or "-Infinity"'
    return { path: pointer(...path, 'values', index), code: 'not_finite', message, value: String(value) }
  })

const reductionFaults = (type: string, reduction: EvaluateLoss['reduction']): Fault[] => {
  const { reductions }: Loss = lossCatalog[type as keyof typeof lossCatalog]
  const message = `${type} has the reductions ${reductions.join(', ')}`
  return reductions.includes(reduction) ? [] : [{ path: '/reduction', code: 'enum', message, value: reduction }]
}
