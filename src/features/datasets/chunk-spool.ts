/** Where the chunks of an upload wait until all of its rows have been found right: memory first, then a temporary file. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes kept in memory before a file is used. */
const inMemory = 4 * 1024 * 1024

/** A spool; `remove` it in any case. Writing is synchronous, since the rows come out of a parser's callback. */
export const createChunkSpool = (memory = inMemory) => {
  const kept: Buffer[] = []
  const spilled: number[] = []
  let held = 0
  let folder: string | undefined
  let file = -1

  const add = (chunk: Buffer): void => {
    if (held + chunk.length <= memory && spilled.length === 0) {
      kept.push(chunk)
      held += chunk.length
      return
    }
    if (!folder) {
      folder = mkdtempSync(join(tmpdir(), 'trainyard-upload-'))
      file = openSync(join(folder, 'chunks'), 'w+', 0o600)
    }
    writeSync(file, chunk)
    spilled.push(chunk.length)
  }

  /** The chunks in the order in which they were added. */
  function* chunks(): Generator<Buffer> {
    yield* kept
    let position = 0
    for (const length of spilled) {
      const chunk = Buffer.alloc(length)
      readSync(file, chunk, 0, length, position)
      position += length
      yield chunk
    }
  }

  const remove = (): void => {
    kept.length = 0
    if (!folder) return
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
    folder = undefined
  }

  return { add, chunks, remove }
}

export type ChunkSpool = ReturnType<typeof createChunkSpool>
