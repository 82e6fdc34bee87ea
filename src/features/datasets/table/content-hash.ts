/** A hash of all that a table holds, the same for the same table. */
import { createHash } from 'node:crypto'
import type { StoredColumn } from '../../../api/column.schema.ts'
import type { StoredChunk } from './packing.ts'

type Content = { columns: readonly StoredColumn[]; levels: ReadonlyMap<number, readonly string[]>; inputShape: number[] | undefined }

/** Chunks are added in order. Of a table of numbers it is the hash that earlier versions gave it. */
export const hashContent = ({ columns, levels, inputShape = undefined }: Content) => {
  const values = createHash('sha256')
  const wide = createHash('sha256')

  const add = ({ kind, bytes }: StoredChunk): void => void (kind === 'values' ? values : wide).update(bytes)

  const digest = (): string => {
    const arePlain = columns.every(({ type, wide }) => (type === 'number' || type === 'integer') && !wide)
    const types = columns.map(({ type }) => type)
    values.update(
      JSON.stringify([
        columns.map(({ name, role }) => [name, role]),
        inputShape ?? null,
        ...(arePlain ? [] : [types, hashLevels(levels), wide.digest('hex')]),
      ]),
    )
    return values.digest('hex')
  }

  return { add, digest }
}

const hashLevels = (levels: ReadonlyMap<number, readonly string[]>): string => {
  const hash = createHash('sha256')
  for (const [column, texts] of levels) {
    hash.update(`${column}\0`)
    for (const text of texts) hash.update(`${text}\0`)
  }
  return hash.digest('hex')
}
