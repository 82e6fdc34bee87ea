/** Long work that pauses by itself: done at once where nothing else waits, or in slices, so that others have their turn. */

/** How long work may keep the others waiting, in milliseconds. */
const sliceMs = 20

/** Works off what pauses by itself, and lets others do so in between. */
export const inSlices = async <Result>(work: Generator<void, Result>): Promise<Result> => {
  for (let began = performance.now(); ; ) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - began < sliceMs) continue
    await new Promise(setImmediate)
    began = performance.now()
  }
}

/** The same without a pause. */
export const atOnce = <Result>(work: Generator<void, Result>): Result => {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Entries that are worked off between two pauses. */
const stepEntries = 10_000

/** What is made of each value, in work that pauses. */
export function* mapInSteps<Value, Made>(values: ArrayLike<Value>, make: (value: Value, at: number) => Made): Generator<void, Made[]> {
  const made: Made[] = []
  for (let at = 0; at < values.length; at++) {
    made.push(make(values[at] as Value, at))
    if (made.length % stepEntries === 0) yield
  }
  return made
}
