/** Collects everything that is wrong with a request, so that a client meets all of it at once. */
import { type Fault, Problem, type ProblemCode } from './problems.ts'

/** Faults listed in one answer; a broken file of a million rows should not answer with a million faults. */
export const listedFaults = 100
/** Faults that are looked for; of a value with more of them it is known that there are at least so many. */
export const countedFaults = 1000

/** A list of faults that keeps the first hundred and counts the rest. */
export const createFaultList = (limit = listedFaults) => {
  const faults: Fault[] = []
  let count = 0

  const add = (fault: Fault): void => {
    count++
    if (faults.length < limit) faults.push(fault)
  }

  const addAll = (list: readonly Fault[]): void => list.forEach(add)

  /** All faults as one problem; undefined where there are none. */
  const toProblem = (code: ProblemCode = 'VALIDATION_FAILED'): Problem | undefined =>
    count > 0 ? new Problem(code, describeCount(count, faults.length), faults) : undefined

  /** @throws Problem with all faults, where there are any */
  const throwIfAny = (code?: ProblemCode): void => {
    const problem = toProblem(code)
    if (problem) throw problem
  }

  return { add, addAll, toProblem, throwIfAny, faults, count: () => count }
}

export type FaultList = ReturnType<typeof createFaultList>

/** @throws Problem with these faults, where there are any */
export const throwIfFaulty = (faults: readonly Fault[], code?: ProblemCode): void => {
  const list = createFaultList()
  list.addAll(faults)
  list.throwIfAny(code)
}

const describeCount = (count: number, listed: number): string => {
  const known = count === 1 ? 'The request has 1 fault' : `The request has ${count >= countedFaults ? 'at least ' : ''}${count} faults`
  return count > listed ? `${known}, of which the first ${listed} are listed` : known
}

/** A value as a fault repeats it: only where it is small. */
export const shown = (value: unknown): { value?: unknown } => {
  if (typeof value === 'string') return { value: value.length > 200 ? `${value.slice(0, 200)}…` : value }
  if (typeof value === 'number') return { value: Number.isFinite(value) ? value : String(value) }
  return value === null || typeof value === 'boolean' ? { value } : {}
}

/** A JSON Pointer from its steps, escaped by RFC 6901. */
export const pointer = (...steps: (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** What is wrong with the elements of any kind of array; looks no further once there are more faults than anybody counts. */
export const faultsOfEach = <Value>(values: ArrayLike<Value>, faultAt: (value: Value, index: number) => Fault | undefined): Fault[] => {
  const faults: Fault[] = []
  for (let index = 0; index < values.length && faults.length < countedFaults; index++) {
    const fault = faultAt(values[index] as Value, index)
    if (fault) faults.push(fault)
  }
  return faults
}
