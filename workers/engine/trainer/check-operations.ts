import { trainerLimits } from '../../../src/api/trainer-limits.ts'
import type { TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'
import { Problem, type ValidationError } from '../../../src/contracts/error-codes.ts'
import { createErrorList, maxListedErrors } from '../../../src/validation/validation-errors.ts'
import type { Turn } from './turn.ts'
import type { SingleOperation, Walk } from './walk.ts'
import { invalid, type WalkError } from './walk-errors.ts'

/**
 * Walks over all operations of a request before any is done; others get their turn in between.
 * @throws Problem VALIDATION_FAILED, or CONFLICT if nothing is wrong but what the trainer went through, with paths below `/operations`;
 *   Error if the trainer was closed meanwhile
 */
export const checkOperations = async (walk: Walk, operations: readonly TrainerOperation[], turn: Turn): Promise<void> => {
  const errors: WalkError[] = []
  let answered = 0
  let executed = 0
  let read = 0

  const look = (operation: SingleOperation, path: string, isTold: boolean): void => {
    const found = walk.next(operation)
    if (Array.isArray(found)) errors.push(...found.map((error) => ({ ...error, path: path + error.path })))
    if (isTold) answered += walk.answered(operation)
    read += walk.read(operation)
    if (read > trainerLimits.evaluatedCells) errors.push(...invalid(`${path}/dataset`, 'too_large', tooManyCells))
  }

  const lookAtAll = async (operation: TrainerOperation, path: string): Promise<void> => {
    if (operation.type !== 'repeat') {
      look(operation, path, true)
      return
    }
    for (let round = 0; round < operation.times && errors.length === 0; round += 1)
      for (const [within, one] of operation.operations.entries()) {
        look(one, `${path}/operations/${within}`, round === 0)
        // There may be a million of them: none waits for a turn that is not over.
        if (turn.isOver()) await turn.breathe()
      }
  }

  for (const [at, operation] of operations.entries()) {
    const path = `/operations/${at}`
    executed += operation.type === 'repeat' ? operation.times * operation.operations.length : 1
    if (executed > trainerLimits.executed)
      errors.push(...invalid(path, 'too_large', `with all rounds the request has more than ${trainerLimits.executed} operations`))
    else await lookAtAll(operation, path)
    await turn.breathe()
    if (answered > trainerLimits.answered) errors.push(...invalid(path, 'too_large', tooManyNumbers))
    if (
      read > trainerLimits.evaluatedCells ||
      executed > trainerLimits.executed ||
      answered > trainerLimits.answered ||
      errors.length >= maxListedErrors
    )
      break
  }
  throwIfAny(errors)
}

const tooManyCells = `with all rounds the request reads more than ${trainerLimits.evaluatedCells} cells of other datasets`

const tooManyNumbers = `the answer would have more than ${trainerLimits.answered} numbers: ask for norms, for some names, or for GET …/parameters`

const throwIfAny = (errors: readonly WalkError[]): void => {
  const told = (which: WalkError['problem']): ValidationError[] =>
    errors.filter(({ problem }) => problem === which).map(({ problem: _, ...error }) => error)
  const list = createErrorList()
  list.addAll(told('VALIDATION_FAILED'))
  list.throwIfAny()
  const [first, ...others] = told('CONFLICT')
  if (first) throw new Problem('CONFLICT', `${first.path}: ${first.message}`, [first, ...others])
}
