/** Checks are compiled from their schemas when they are first needed: making all of them would take a good part of a start. */

/**
 * Options of Ajv for all of them. Two fifths of the time went into shortening code that the engine shortens by itself, and a fifth into checking
 * the schemas against the one of schemas, which tests do.
 */
export const compiling = { validateSchema: false, code: { optimize: false } } as const

const waiting = new Set<() => unknown>()

/** A value that is made at its first use, or by `compileAhead` before. */
export const compiledLater = <Value extends object>(compile: () => Value): (() => Value) => {
  let compiled: Value | undefined
  const use = (): Value => {
    compiled ??= compile()
    waiting.delete(use)
    return compiled
  }
  waiting.add(use)
  return use
}

/** Compiles all at once what nobody has needed yet. For a process that serves nobody yet: the largest schema alone takes a tenth of a second or more. */
export const compileAll = (): void => {
  for (const use of waiting) use()
}

/** Pause between two schemas: the first requests come meanwhile, and need several turns of the event loop. */
const pauseMs = 20

/** Compiles what nobody has needed yet, one schema after the other, so that few wait for it. For a process that has started. */
export const compileAhead = (): void => {
  const [next] = waiting
  if (!next) return
  next()
  setTimeout(compileAhead, pauseMs).unref()
}
