/** Whether the service answers: every request tells, and while none is answered the page asks by itself until one is. */
import { createStore } from '../store.ts'

/** Milliseconds between two such questions. */
const askMs = 2000

/** True from the first request that nobody answered to the next answer. */
export const isAway = createStore(false)

export const tellAnswered = (): void => isAway.set(false)

export const tellUnanswered = (): void => {
  if (isAway.get()) return
  isAway.set(true)
  setTimeout(ask, askMs)
}

/** Waits so many milliseconds, or until the service answers again. */
export const pause = (ms: number): Promise<void> =>
  new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer)
      unsubscribe()
      done()
    }
    const timer = setTimeout(end, ms)
    const unsubscribe = onReturn(end)
  })

/** Calls back whenever the service answers again. Returns how to stop. */
export const onReturn = (listener: () => void): (() => void) => isAway.subscribe(() => !isAway.get() && listener())

const ask = async (): Promise<void> => {
  if (!isAway.get()) return
  try {
    await fetch('/healthz', { cache: 'no-store' })
    tellAnswered()
  } catch {
    setTimeout(ask, askMs)
  }
}
