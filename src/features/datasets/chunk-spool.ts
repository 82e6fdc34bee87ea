/** Where the chunks of uploads wait until all of their rows have been found right: memory first, then a temporary file. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, write, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Problem } from '../../contracts/error-codes.ts'

/** Bytes of each upload that are kept in memory before a file is used. */
const inMemory = 4 * 1024 * 1024

/** Spools that share `most` bytes of temporary files. */
export const createChunkSpools = ({ most, memory = inMemory }: { most: number; memory?: number }) => {
  let left = most

  /** A spool; `remove` it in any case. Writing is synchronous, since the rows come out of a parser's callback. */
  const open = () => {
    const kept: Buffer[] = []
    const spilled: number[] = []
    let held = 0
    let file: number | undefined

    /** Adds a copy of a chunk. @throws Problem UNAVAILABLE if other uploads have taken all the room */
    const add = (chunk: Buffer): void => {
      if (held + chunk.length <= memory && spilled.length === 0) {
        kept.push(Buffer.from(chunk))
        held += chunk.length
        return
      }
      if (chunk.length > left) throw noRoom()
      file ??= openNameless()
      left -= chunk.length
      spilled.push(chunk.length)
      writeAll(file, chunk)
    }

    /** The chunks in the order in which they were added, each in memory of its own, which begins with it: whoever gets it may keep and change it. */
    function* chunks(): Generator<Buffer<ArrayBuffer>> {
      for (const chunk of kept) yield ownCopy(chunk)
      let position = 0
      for (const length of spilled) {
        yield readAll(file ?? -1, position, length)
        position += length
      }
    }

    const remove = (): void => {
      kept.length = 0
      left += spilled.reduce((sum, length) => sum + length, 0)
      spilled.length = 0
      if (file !== undefined) closeSync(file)
      file = undefined
    }

    return { add, chunks, remove }
  }

  /** A whole file on its way to a reader that takes its descriptor; `remove` it in any case. */
  const openFile = () => {
    const descriptor = openNameless()
    let bytes = 0
    let isOpen = true

    /** @throws Problem UNAVAILABLE if other uploads have taken all the room */
    const add = async (chunk: Buffer): Promise<void> => {
      if (chunk.length > left) throw noRoom()
      left -= chunk.length
      bytes += chunk.length
      try {
        for (let at = 0; at < chunk.length; ) at += (await writeSoon(descriptor, chunk, at)).bytesWritten
      } catch (error) {
        throw tellFullDisk(error)
      }
    }
    const remove = (): void => {
      if (!isOpen) return
      isOpen = false
      left += bytes
      closeSync(descriptor)
    }
    return { descriptor, add, remove, bytes: () => bytes }
  }

  return { open, openFile }
}

export type ChunkSpools = ReturnType<typeof createChunkSpools>

const writeSoon = promisify(write)

const noRoom = (): Problem => new Problem('UNAVAILABLE', 'Too many large uploads at once; send this one again in a moment')

const ownCopy = (chunk: Buffer): Buffer<ArrayBuffer> => {
  const copy = Buffer.allocUnsafeSlow(chunk.length)
  chunk.copy(copy)
  return copy
}

const readAll = (file: number, position: number, length: number): Buffer<ArrayBuffer> => {
  const chunk = Buffer.allocUnsafeSlow(length)
  for (let at = 0; at < length; ) {
    const bytes = readSync(file, chunk, at, length - at, position + at)
    if (bytes === 0) throw new Error('the file of an upload ends too early')
    at += bytes
  }
  return chunk
}

/** @throws Problem UNAVAILABLE if the disk is full */
const writeAll = (file: number, chunk: Buffer): void => {
  try {
    for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at)
  } catch (error) {
    throw tellFullDisk(error)
  }
}

/** What an error of writing is to a client: a full disk is a matter of the moment. */
const tellFullDisk = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    ? new Problem('UNAVAILABLE', 'There is no room for large uploads at the moment; send this one again later')
    : error

/** A file that has lost its name already: nothing is left of it once it is closed, however its process ends. */
const openNameless = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-upload-'))
  try {
    return openSync(join(folder, 'chunks'), 'w+', 0o600)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
