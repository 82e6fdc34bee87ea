/** Which operations of a request are, together, a step of a job. */
import type { OperationOf, TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'

/** A step of a job: its operations are those from the one it was found at, `length` of them. */
export type WholeStep = {
  length: number
  batch: OperationOf<'batch'>
  clipping: { norm: number } | { value: number } | undefined
}

/**
 * The whole step that begins here: `batch` of an epoch and `zeroGradients` in any order, `forwardBackward`, maybe `clip`, `step` of all
 * parameters. `gradients` may be read in between, unless a `clip` comes after that. Undefined if it is none.
 */
export const wholeStepAt = (operations: readonly TrainerOperation[], from: number): WholeStep | undefined => {
  const start = [operations[from], operations[from + 1]]
  const batch = start.find((one): one is OperationOf<'batch'> => one?.type === 'batch')
  if (!batch || batch.size === undefined || !start.some((one) => one?.type === 'zeroGradients')) return undefined
  const pass = operations[from + 2]
  if (pass?.type !== 'forwardBackward' || pass.perExample) return undefined
  let at = from + 3
  let wereRead = false
  let clipping: WholeStep['clipping']
  for (let operation = operations[at]; operation?.type === 'gradients' || operation?.type === 'clip'; operation = operations[++at]) {
    if (operation.type === 'gradients') wereRead = true
    else if (clipping || wereRead) return undefined
    else clipping = operation.norm === undefined ? { value: operation.value ?? 0 } : { norm: operation.norm }
  }
  const last = operations[at]
  return last?.type === 'step' && last.names === undefined ? { length: at + 1 - from, batch, clipping } : undefined
}
