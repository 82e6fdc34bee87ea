/** Which operations of a request are, together, a step of a job. */
import type { OperationOf, TrainerOperation } from '../../../src/api/trainer-operations.schema.ts'

/** A step of a job: its operations are those from the one it was found at, `length` of them. */
export type WholeStep = {
  length: number
  batch: OperationOf<'batch'>
  clipping: { norm: number } | { value: number } | undefined
}

/** Operations by letter, so that an expression tells what makes a step. */
const letters: Partial<Record<TrainerOperation['type'], string>> = {
  batch: 'b',
  zeroGradients: 'z',
  forwardBackward: 'f',
  gradients: 'g',
  clip: 'c',
  step: 's',
}

/** `gradients` may be read in between, before a `clip` not: on the graph there are those after it alone. */
const wholeStep = /^(?:bz|zb)f(?:g*|cg*)s/

/** Operations that a step has at most, gradients that are read included. */
const maxLength = 16

/**
 * The whole step that begins here: a `batch` of an epoch and `zeroGradients` in any order, `forwardBackward`, maybe `clip`, `step` of
 * all parameters. Undefined if it is none.
 */
export const wholeStepAt = (operations: readonly TrainerOperation[], from: number): WholeStep | undefined => {
  const ahead = operations.slice(from, from + maxLength)
  const [found] = wholeStep.exec(ahead.map(letterOf).join('')) ?? []
  const batch = ahead.slice(0, 2).find((one) => one.type === 'batch')
  if (!found || !batch) return undefined
  const clip = ahead.slice(0, found.length).find((one) => one.type === 'clip')
  return { length: found.length, batch, clipping: clip && (clip.norm === undefined ? { value: clip.value ?? 0 } : { norm: clip.norm }) }
}

/** What a graph does not do is no part of a whole step. */
const letterOf = (operation: TrainerOperation): string => {
  if (operation.type === 'batch' && operation.size === undefined) return '-'
  if (operation.type === 'forwardBackward' && (operation.perExample || operation.loss)) return '-'
  if (operation.type === 'step' && operation.names !== undefined) return '-'
  return letters[operation.type] ?? '-'
}
