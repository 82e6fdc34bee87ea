/**
 * Work that wants something of the worker now and then: each answer to the worker is what is wanted next, or what came of all.
 */
export const startWanting = <Wanted, Given, Outcome>(work: (want: (wanted: Wanted) => Promise<Given>) => Promise<Outcome>) => {
  let answer: Deferred<Outcome | { wants: Wanted }> = defer()
  let pending: Deferred<Given> | undefined

  const want = (wanted: Wanted): Promise<Given> => {
    pending = defer()
    answer.resolve({ wants: wanted })
    return pending.promise
  }

  void work(want).then(
    (outcome) => answer.resolve(outcome),
    (error: unknown) => answer.reject(error),
  )

  return {
    /** What is wanted first, or what came of it. */
    first: answer.promise,
    /** Gives what was wanted; resolves to what is wanted next, or to what came of all. */
    give: (given: Given): Promise<Outcome | { wants: Wanted }> => {
      answer = defer()
      pending?.resolve(given)
      return answer.promise
    },
    /** Ends work that waits: what is wanted does not come. */
    end: (): void => pending?.reject(new Error('what was wanted does not come any more')),
  }
}

export type Wanting<Wanted, Given, Outcome> = ReturnType<typeof startWanting<Wanted, Given, Outcome>>

type Deferred<Value> = { promise: Promise<Value>; resolve: (value: Value) => void; reject: (error: unknown) => void }

const defer = <Value>(): Deferred<Value> => {
  const parts: Partial<Deferred<Value>> = {}
  const promise = new Promise<Value>((resolve, reject) => Object.assign(parts, { resolve, reject }))
  // Nobody may be left who waits for it.
  promise.catch(() => {})
  return { ...parts, promise } as Deferred<Value>
}
