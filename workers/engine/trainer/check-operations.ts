import { type TrainerOperation, trainerLimits } from '../../../src/api/trainer-operations.schema.ts'
import { Problem, type ValidationError } from '../../../src/contracts/error-codes.ts'
import { maxListedErrors } from '../../../src/validation/validation-errors.ts'
import type { Walk, WalkError } from './walk.ts'

/**
 * Walks over all operations of a request before any is done.
 * @throws Problem VALIDATION_FAILED, or CONFLICT if nothing is wrong but what the trainer went through, with paths below `/operations`
 */
export const checkOperations = (walk: Walk, operations: readonly TrainerOperation[]): void => {
  const errors: WalkError[] = []
  let answered = 0
  let executed = 0

  const look = (operation: Exclude<TrainerOperation, { type: 'repeat' }>, path: string): void => {
    const found = walk.next(operation)
    if (Array.isArray(found)) errors.push(...found.map((error) => ({ ...error, path: path + error.path })))
  }

  for (const [at, operation] of operations.entries()) {
    const path = `/operations/${at}`
    const inner = operation.type === 'repeat' ? operation.operations : [operation]
    executed += inner.length * (operation.type === 'repeat' ? operation.times : 1)
    if (executed > trainerLimits.executed) {
      errors.push({ path, code: 'too_large', message: `with all rounds the request has more than ${trainerLimits.executed} operations`, problem: 'VALIDATION_FAILED' })
      break
    }
    if (operation.type === 'repeat') {
      for (let round = 0; round < operation.times && errors.length === 0; round += 1)
        for (const [within, one] of operation.operations.entries()) look(one, `${path}/operations/${within}`)
    } else look(operation, path)
    answered += inner.reduce((sum, one) => sum + walk.answered(one), 0)
    if (answered > trainerLimits.answered) {
      errors.push({ path, code: 'too_large', message: `the answer would have more than ${trainerLimits.answered} numbers; ask for norms, for names, or for GET …/parameters`, problem: 'VALIDATION_FAILED' })
      break
    }
    if (errors.length >= maxListedErrors) break
  }
  if (errors.length === 0) return
  const invalid = errors.filter(({ problem }) => problem === 'VALIDATION_FAILED')
  const told = (invalid.length > 0 ? invalid : errors).map(({ problem: _, ...error }): ValidationError => error)
  const [first] = told
  throw invalid.length > 0
    ? new Problem('VALIDATION_FAILED', told.length === 1 ? 'The request has 1 validation error' : `The request has ${told.length} validation errors`, told)
    : new Problem('CONFLICT', `${first?.path}: ${first?.message}`, told)
}
