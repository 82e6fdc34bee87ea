/**
 * Sinks work out of a loop, to after it. Of what a step leaves for its caller, only the last step's counts: a result that
 * follows from others, such as the norm of the gradients, need not be computed in every round.
 */
import type { Trace, TracedOperation, TracedTensor } from './trace.ts'

/** A step whose rounds compute less, and what is computed from a round's outputs after the last. */
export type SunkStep = {
  /** The step without the results that sank. */
  inside: Trace
  /** Over outputs of `inside`; its outputs are the results that sank. */
  afterLoop: Trace
  /** For each result of the step: where it comes from. */
  results: { from: 'inside' | 'afterLoop'; position: number }[]
}

/**
 * Splits a step's outputs `[...state, loss, ...results]`.
 * @param fixed how many outputs lead the results: state and loss
 */
export const sink = (step: Trace, fixed: number): SunkStep => {
  const always = step.outputs.slice(0, fixed)
  const results = step.outputs.slice(fixed)
  const canSink = results.map((result, position) => {
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
  const first = canSink.indexOf(true)
  const sunk = results.filter((_, position) => position === first)
  const kept = results.filter((_, position) => position !== first)
  const carried: TracedTensor[] = [...always.slice(0, -1), ...kept]
  const insideOutputs = [...always, ...kept]
  const inside = neededBy(
    step.operations,
    insideOutputs.map(({ id }) => id),
  )
  const afterwards = neededBy(
    step.operations,
    sunk.map(({ id }) => id),
  )
  return {
    inside: { ...step, operations: step.operations.filter((each) => inside.has(each)), outputs: insideOutputs },
    afterLoop: {
      operations: step.operations.filter((each) => afterwards.has(each) && !inside.has(each)),
      inputs: carried,
      constants: step.constants,
      outputs: sunk,
    },
    results: results.map((result) =>
      sunk.includes(result) ? { from: 'afterLoop', position: 0 } : { from: 'inside', position: kept.indexOf(result) },
    ),
  }
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
