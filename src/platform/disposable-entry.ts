/** The other side of disposable-child.ts: what a child does before its work, and how it tells what comes of it. */
import { fstatSync, mkdtempSync, readFileSync, readSync, rmdirSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithParent } from './watch-parent.ts'

/** The file that it works on. */
export type FileBytes = {
  bytes: number
  /** These bytes, all of them. @throws RangeError if the file ends before */
  read: (start: number, end: number) => Uint8Array<ArrayBuffer>
}

/** An id that no other user has: the database's files belong to another. */
const nobodyElse = 65_533

/** Nobody wakes it: waiting on it takes as long as it is told to. */
const pause = new Int32Array(new SharedArrayBuffer(4))
const pauseMs = 1

/** What the child was told. */
export const readTold = (): unknown => JSON.parse(readFileSync(0, 'utf8'))

/** Gives up what the child does not need, all of whose modules have been loaded by now, and opens its file. */
export const becomeDisposable = async (): Promise<FileBytes> => {
  // The thread starts in a folder that is there.
  await endWithParent()
  // A folder without a name, in which nothing can be made any more.
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-reader-'))
  process.chdir(folder)
  rmdirSync(folder)
  if (process.geteuid?.() === 0) {
    process.setgroups?.([])
    process.setgid?.(nobodyElse)
    process.setuid?.(nobodyElse)
  }
  return openFile(3)
}

/** Writes a frame, and waits while the other side does not read. */
export const writeFrame = (kind: number, ...parts: readonly Uint8Array[]): void => {
  const head = Buffer.alloc(5)
  head.writeUInt8(kind)
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.byteLength, 0),
    1,
  )
  for (const part of [head, ...parts]) for (let at = 0; at < part.byteLength; ) at += writeSome(part, at)
}

/** The file behind a descriptor. */
export const openFile = (descriptor: number): FileBytes => {
  const { size } = fstatSync(descriptor)
  const read = (start: number, end: number): Uint8Array<ArrayBuffer> => {
    if (!(start >= 0 && end >= start && end <= size))
      throw new RangeError(`the file has no bytes from ${start} to ${end}: it ends at ${size}`)
    const bytes = new Uint8Array(end - start)
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, start + at)
      if (count === 0) throw new RangeError('the file ends too early')
      at += count
    }
    return bytes
  }
  return { bytes: size, read }
}

/** Writes what goes into the pipe, which may be one that does not wait by itself. */
const writeSome = (part: Uint8Array, at: number): number => {
  try {
    return writeSync(1, part, at)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    Atomics.wait(pause, 0, 0, pauseMs)
    return 0
  }
}
