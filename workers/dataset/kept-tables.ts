/** Tables that a training process keeps for the next job on them, the longest unused going first. */

/** Packed rows as they came. */
export type PackedRows = Uint8Array[]

/** @param maxBytes of all tables together; a larger table is not kept */
export const createKeptTables = (maxBytes: number) => {
  const tables = new Map<string, { rows: PackedRows; bytes: number }>()
  let kept = 0

  /** The rows of a dataset, which never change; undefined if they are not here. */
  const get = (datasetId: string): PackedRows | undefined => {
    const table = tables.get(datasetId)
    if (!table) return undefined
    // Used last, it goes last.
    tables.delete(datasetId)
    tables.set(datasetId, table)
    return table.rows
  }

  const keep = (datasetId: string, rows: PackedRows): void => {
    if (tables.has(datasetId)) return
    const bytes = bytesOf(rows)
    if (bytes > maxBytes) return
    tables.set(datasetId, { rows, bytes })
    kept += bytes
    for (const [oldest, table] of tables) {
      if (kept <= maxBytes) break
      tables.delete(oldest)
      kept -= table.bytes
    }
  }

  /** Takes the rows of a dataset as they come, for as long as they may be kept; `finish` once all have. */
  const collect = (datasetId: string) => {
    let rows: PackedRows | undefined = []
    let bytes = 0
    const add = (packed: Uint8Array): void => {
      bytes += packed.byteLength
      if (bytes > maxBytes) rows = undefined
      rows?.push(packed)
    }
    const finish = (): void => {
      if (rows) keep(datasetId, rows)
    }
    return { add, finish }
  }

  return { get, collect }
}

export type KeptTables = ReturnType<typeof createKeptTables>

const bytesOf = (rows: PackedRows): number => rows.reduce((sum, { byteLength }) => sum + byteLength, 0)
