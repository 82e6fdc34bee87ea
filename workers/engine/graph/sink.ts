/**
 * Of what a step leaves for its caller, only the last step's counts. A result that follows from others, such as the norm
 * of the gradients, need not be computed in every round: once after the loop is enough.
 */
import type { Trace, TracedOperation, TracedTensor } from './trace.ts'

/** A step whose rounds compute less, and what is computed from a round's outputs after the last. */
export type HoistedStep = {
  /** The step without the hoisted results. */
  inside: Trace
  /** Over outputs of `inside`; its outputs are the hoisted results. */
  outside: Trace
  /** For each result of the step: where it comes from. */
  results: { from: 'inside' | 'outside'; position: number }[]
}

const neededBy = (operations: readonly TracedOperation[], ids: readonly number[]): Set<TracedOperation> => {
  const wanted = new Set(ids)
  const needed = new Set<TracedOperation>()
  for (const operation of [...operations].reverse()) {
    if (!operation.outputs.some(({ id }) => wanted.has(id))) continue
    needed.add(operation)
    for (const id of operation.inputs) wanted.add(id)
  }
  return needed
}

/**
 * Splits a step's outputs `[...state, loss, ...results]`.
 * @param fixed how many outputs lead the results: state and loss
 */
export const hoist = (step: Trace, fixed: number): HoistedStep => {
  const always = step.outputs.slice(0, fixed)
  const results = step.outputs.slice(fixed)
  const isHoisted = results.map((result, position) => {
    const others = results.filter((_, other) => other !== position)
    const shared = neededBy(
      step.operations,
      [...always, ...others].map(({ id }) => id),
    )
    const available = new Set([...step.outputs.slice(0, fixed - 1), ...others].map(({ id }) => id))
    const own = [...neededBy(step.operations, [result.id])].filter((operation) => !shared.has(operation))
    const made = new Set(own.flatMap(({ outputs }) => outputs.map(({ id }) => id)))
    const follows = own.every(({ inputs }) => inputs.every((id) => made.has(id) || available.has(id) || step.constants.has(id)))
    return own.length > 0 && follows
  })
  // Results that follow from each other stay: one pass settles the usual case, the norm of gradients.
  const first = isHoisted.indexOf(true)
  const hoisted = results.filter((_, position) => position === first)
  const kept = results.filter((_, position) => position !== first)
  const carried: TracedTensor[] = [...always.slice(0, -1), ...kept]
  const insideOutputs = [...always, ...kept]
  const inside = neededBy(
    step.operations,
    insideOutputs.map(({ id }) => id),
  )
  const outside = neededBy(
    step.operations,
    hoisted.map(({ id }) => id),
  )
  return {
    inside: { ...step, operations: step.operations.filter((each) => inside.has(each)), outputs: insideOutputs },
    outside: {
      operations: step.operations.filter((each) => outside.has(each) && !inside.has(each)),
      inputs: carried,
      constants: step.constants,
      outputs: hoisted,
    },
    results: results.map((result) =>
      hoisted.includes(result) ? { from: 'outside', position: 0 } : { from: 'inside', position: kept.indexOf(result) },
    ),
  }
}
