/** Reads of single things, of which one statement reads many: those that come while it runs are read by the next. */

export const createBatchedReads = <Value>(readAll: (ids: string[]) => Promise<ReadonlyMap<string, Value>>, max: number) => {
  let waiting: { id: string; resolve: (value: Value | null) => void; reject: (error: unknown) => void }[] = []
  let isRunning = false

  const run = async (): Promise<void> => {
    isRunning = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, max)
      waiting = waiting.slice(max)
      try {
        const found = await readAll(batch.map(({ id }) => id))
        for (const { id, resolve } of batch) resolve(found.get(id) ?? null)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isRunning = false
  }

  /** What has this id; null if nothing has. */
  return (id: string): Promise<Value | null> =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject })
      if (!isRunning) void run()
    })
}
