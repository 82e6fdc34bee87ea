/** Files that are read as a whole: they are spooled, then read by a child that may die of them, which is then the file's fault. */
import type { Readable } from 'node:stream'
import { Problem } from '../../../contracts/error-codes.ts'
import { inSlices } from '../../slices.ts'
import type { ChunkSpools } from '../chunk-spool.ts'
import { mostCellBytes, tooMuch } from '../formats/table-bounds.ts'
import { type ChildTask, type DoneFrame, describedBy, frameKinds, type RefusedFrame, readCodes, readPacked } from './child-frames.ts'
import { createChunkStore } from './chunk-store.ts'
import { createFinishedTable } from './finished-table.ts'
import type { FileTask, WaitingTable } from './read-table.ts'
import { createTurns } from './turns.ts'

/** Runs a child on a file. @throws an error named ChildDied that says of what it died */
export type RunReader = (task: {
  told: ChildTask
  file: number
  memoryBytes: number
  timeoutMs: number
  processorMs: () => number
  onFrame: (kind: number, bytes: Buffer) => void
}) => Promise<void>

/** What a child may take of memory. */
const memoryBytes = 1024 * 1024 * 1024
/**
 * What it may take of a processor: little for a small file, so that one that keeps its reader busy does not keep other files waiting, and
 * more for the bytes of a large one and for the cells that have come of it. Of time it may take more, since a machine may be busy.
 */
const allowed = { ms: 5000, fileBytesPerMs: 4000, cellBytesPerMs: 8000, timeoutMs: 30_000 }

/** Children at a time, and how long a file waits for its turn. */
const childrenAtOnce = 2
const waitMs = 60_000

export const createWholeFileReader = ({ run, spools }: { run: RunReader; spools: ChunkSpools }) => {
  const turns = createTurns(childrenAtOnce, waitMs)

  /** Reads a file to its end. @throws Problem with every validation error, `unreadable_file` if the child died of it */
  const read = async (file: Readable, { format, options: late, tenant = '' }: FileTask): Promise<WaitingTable> => {
    const spool = spools.openFile()
    const store = { current: createChunkStore(spools) }
    const close = async (): Promise<void> => store.current.remove()
    try {
      for await (const chunk of file) await spool.add(chunk)
      const options = await late()
      const told = { format: format.name, options }
      const { done, levels, codes } = await turns.take(tenant, () => readInChild(told, spool, store))
      const table = createFinishedTable(describedBy(done, levels, codes), store.current)
      const summary = await inSlices(table.summarize(done.options))
      const parts = async function* () {
        yield* table.parts()
      }
      return { summary, csv: null, options: done.options, parts, close }
    } catch (error) {
      await close()
      throw error
    } finally {
      spool.remove()
    }
  }

  const readInChild = async (told: ChildTask, spool: ReturnType<ChunkSpools['openFile']>, store: Store) => {
    const most = mostCellBytes(spool.bytes())
    const { answer, take, told: cellBytes } = createAnswer(store, spools, most)
    const onFrame = (kind: number, frame: Buffer): void => {
      try {
        take(kind, frame)
      } catch (error) {
        throw error instanceof Problem ? error : unreadable('it answered what nobody understands')
      }
    }
    const fileMs = spool.bytes() / allowed.fileBytesPerMs
    const limits = {
      memoryBytes,
      timeoutMs: allowed.timeoutMs + fileMs,
      processorMs: () => allowed.ms + fileMs + cellBytes() / allowed.cellBytesPerMs,
    }
    await run({ told, file: spool.descriptor, ...limits, onFrame }).catch((error: unknown) => {
      throw error instanceof Error && error.name === 'ChildDied' ? unreadable(error.message) : error
    })
    const { done, refused, levels, codes } = answer
    if (refused) throw new Problem(refused.code, refused.detail, refused.errors)
    if (!done) throw unreadable('it ended without an answer')
    return { done, levels, codes }
  }

  return { read }
}

export type WholeFileReader = ReturnType<typeof createWholeFileReader>

type Store = { current: ReturnType<typeof createChunkStore> }

/** Takes what a child tells; its rows go into the store. */
const createAnswer = (store: Store, spools: ChunkSpools, most: number) => {
  const answer: { done?: DoneFrame; refused?: RefusedFrame; levels: Map<number, string[]>; codes: Map<number, Float32Array> } = {
    levels: new Map(),
    codes: new Map(),
  }
  let bytes = 0
  let all = 0
  const takers: Record<number, (frame: Buffer) => void> = {
    [frameKinds.packed]: (frame) => {
      bytes += frame.length
      all += frame.length
      if (bytes > most) throw tooMuch(most)
      store.current.add(readPacked(frame))
    },
    [frameKinds.again]: () => {
      bytes = 0
      store.current.remove()
      store.current = createChunkStore(spools)
    },
    [frameKinds.levels]: (frame) => {
      const { column, values } = JSON.parse(frame.toString()) as { column: number; values: string[] }
      const known = answer.levels.get(column) ?? []
      for (const value of values) known.push(value)
      answer.levels.set(column, known)
    },
    [frameKinds.codes]: (frame) => {
      const { column, codes } = readCodes(frame)
      answer.codes.set(column, codes)
    },
    [frameKinds.done]: (frame) => {
      answer.done = JSON.parse(frame.toString()) as DoneFrame
    },
    [frameKinds.refused]: (frame) => {
      answer.refused = JSON.parse(frame.toString()) as RefusedFrame
    },
  }
  const take = (kind: number, frame: Buffer): void => {
    const taker = takers[kind]
    if (!taker) throw unreadable('it answered what nobody understands')
    taker(frame)
  }
  /** Bytes of cells of all readings. */
  const told = (): number => all
  return { answer, take, told }
}

const unreadable = (how: string): Problem => {
  const message = `cannot be read: the process that read it ended before it was through (${how})`
  return new Problem('VALIDATION_FAILED', `The file ${message}`, [{ path: '/body', code: 'unreadable_file', message }])
}
