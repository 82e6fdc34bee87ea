/** Collects everything that is wrong with a request, so that a client meets all of it at once. */
import { Problem, type ProblemCode, type ValidationError } from '../contracts/error-codes.ts'

/** Validation errors listed in one answer; a broken file of a million rows should not answer with a million validation errors. */
export const maxListedErrors = 100
/** Validation errors that are looked for; of a value with more of them it is known that there are at least so many. */
export const maxCountedErrors = 1000

/** A list of validation errors that keeps the first hundred and counts the rest. */
export const createErrorList = (limit = maxListedErrors) => {
  const errors: ValidationError[] = []
  let count = 0

  const add = (error: ValidationError): void => {
    count++
    if (errors.length < limit) errors.push(error)
  }

  const addAll = (list: readonly ValidationError[]): void => list.forEach(add)

  /** All validation errors as one problem; undefined if there are none. */
  const toProblem = (code: ProblemCode = 'VALIDATION_FAILED'): Problem | undefined =>
    count > 0 ? new Problem(code, describeCount(count, errors.length), errors) : undefined

  /** @throws Problem with all validation errors, if there are any */
  const throwIfAny = (code?: ProblemCode): void => {
    const problem = toProblem(code)
    if (problem) throw problem
  }

  return { add, addAll, toProblem, throwIfAny, errors, count: () => count }
}

export type ErrorList = ReturnType<typeof createErrorList>

/** @throws Problem with these validation errors, if there are any */
export const throwIfInvalid = (errors: readonly ValidationError[], code?: ProblemCode): void => {
  const list = createErrorList()
  list.addAll(errors)
  list.throwIfAny(code)
}

/** What a check gives: a value, or everything that is wrong. */
export type Checked<Value> = { value: Value } | { errors: ValidationError[] }

/** The value of a check. @throws Problem VALIDATION_FAILED with everything that is wrong, if something is */
export const requireValue = <Value>(checked: Checked<Value>): Value => {
  if ('value' in checked) return checked.value
  throwIfInvalid(checked.errors)
  throw new Error('a check gave neither a value nor what is wrong')
}

/** A value as a validation error repeats it: only if it is small. */
export const shown = (value: unknown): { value?: string | number | boolean | null } => {
  if (typeof value === 'string') return { value: value.length > 200 ? `${value.slice(0, 200)}…` : value }
  if (typeof value === 'number') return { value: Number.isFinite(value) ? value : String(value) }
  return value === null || typeof value === 'boolean' ? { value } : {}
}

/** A JSON Pointer from its steps, escaped by RFC 6901. */
export const pointer = (...steps: (string | number)[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** What is wrong with the elements of any kind of array; looks no further once there are more validation errors than anybody counts. */
export const errorsOfEach = <Value>(
  values: ArrayLike<Value>,
  errorAt: (value: Value, index: number) => ValidationError | undefined,
): ValidationError[] => {
  const errors: ValidationError[] = []
  for (let index = 0; index < values.length && errors.length < maxCountedErrors; index++) {
    const error = errorAt(values[index] as Value, index)
    if (error) errors.push(error)
  }
  return errors
}

const describeCount = (count: number, listed: number): string => {
  const known =
    count === 1
      ? 'The request has 1 validation error'
      : `The request has ${count >= maxCountedErrors ? 'at least ' : ''}${count} validation errors`
  return count > listed ? `${known}, of which the first ${listed} are listed` : known
}
