/** Lets many who go on at the same moment do so a few at a time, so that others have their turn in between. */

/**
 * What it gives is called, and awaited, by whoever is about to do its part: `atOnce` of them go on in one turn of the event loop, the
 * others in the next ones, first come first served.
 */
export const createTurns = (atOnce: number): (() => Promise<void>) => {
  const waiting: (() => void)[] = []
  let left = atOnce
  let isScheduled = false

  const begin = (): void => {
    isScheduled = false
    const next = waiting.splice(0, atOnce)
    left = atOnce - next.length
    for (const goOn of next) goOn()
    if (next.length > 0) schedule()
  }

  const schedule = (): void => {
    if (!isScheduled) setImmediate(begin)
    isScheduled = true
  }

  return async () => {
    schedule()
    if (left > 0) left -= 1
    else await new Promise<void>((goOn) => waiting.push(goOn))
  }
}
