/** Work on many things at once, but on each of them one piece after the other. */

/** `onFree` is called with what was asked for while it was being worked on. */
export const createOneAtATime = (onFree: (id: string) => void) => {
  const busy = new Map<string, { again: boolean; ended: Promise<void> }>()

  /** Begins work that never fails; false if there is some already. `again`: then to be told of once that is over. */
  const begin = (id: string, work: () => Promise<void>, { again }: { again: boolean }): boolean => {
    const running = busy.get(id)
    if (running) {
      running.again ||= again
      return false
    }
    const entry = { again: false, ended: Promise.resolve() }
    busy.set(id, entry)
    entry.ended = work().then(() => {
      busy.delete(id)
      if (entry.again) onFree(id)
    })
    return true
  }

  return {
    begin,
    isBusy: (id: string): boolean => busy.has(id),
    count: (): number => busy.size,
    /** Resolves once all that is being done now is over. */
    ended: async (): Promise<void> => {
      await Promise.all([...busy.values()].map(({ ended }) => ended))
    },
  }
}
