/** Files that a child reads as a whole, read in the test's own process. */

import type { UploadOptions } from '../../src/api/upload-options.schema.ts'
import { createChunkSpools } from '../../src/features/datasets/chunk-spool.ts'
import type { OpenBinaryTable } from '../../src/features/datasets/formats/binary-table.ts'
import {
  type DoneFrame,
  describedBy,
  frameKinds,
  type RefusedFrame,
  readCodes,
  readPacked,
} from '../../src/features/datasets/table/child-frames.ts'
import { createChunkStore } from '../../src/features/datasets/table/chunk-store.ts'
import { createFinishedTable } from '../../src/features/datasets/table/finished-table.ts'
import { readWhole } from '../../src/features/datasets/table/read-whole.ts'
import { type Cell, cellsOf } from './read-table.ts'

export type WholeTable = { refused: RefusedFrame; done?: undefined } | { refused?: undefined; done: DoneFrame; rows: Cell[][] }

export const readWholeTable = async (bytes: Buffer, open: OpenBinaryTable, options: UploadOptions = {}): Promise<WholeTable> => {
  const spools = createChunkSpools({ most: 2 ** 30 })
  let store = createChunkStore(spools)
  let told: { done?: DoneFrame; refused?: RefusedFrame } = {}
  const levels = new Map<number, string[]>()
  const codes = new Map<number, Float32Array>()
  const file = {
    bytes: bytes.length,
    read: (start: number, end: number) => {
      if (!(start >= 0 && end >= start && end <= bytes.length)) throw new RangeError('the file ends too early')
      return Uint8Array.from(bytes.subarray(start, end))
    },
  }
  await readWhole(file, { open, what: 'a file', options }, (kind, ...parts) => {
    const frame = Buffer.concat(parts)
    if (kind === frameKinds.packed) store.add(readPacked(frame))
    else if (kind === frameKinds.again) store = createChunkStore(spools)
    else if (kind === frameKinds.codes) codes.set(readCodes(frame).column, readCodes(frame).codes)
    else if (kind === frameKinds.levels) {
      const { column, values } = JSON.parse(frame.toString())
      levels.set(column, [...(levels.get(column) ?? []), ...values])
    } else told = kind === frameKinds.done ? { done: JSON.parse(frame.toString()) } : { refused: JSON.parse(frame.toString()) }
  })
  const { done, refused } = told
  if (refused) return { refused }
  if (!done) throw new Error('the file was not read to its end')
  const parts = [...createFinishedTable(describedBy(done, levels, codes), store).parts()]
  return { done, rows: cellsOf(done.columns, done.rows, parts) }
}
