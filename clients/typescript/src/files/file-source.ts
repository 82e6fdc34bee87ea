/** What a table may come from, as parts of a bounded size. */
import { joined } from '../http/answer.ts'

/** The path of a file (in Node), a Blob or File, or a stream of bytes. */
export type FileSource = string | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export type OpenFile = {
  /** As far as it is known. */
  name: string | undefined
  /** Its media type, if the source says one. */
  type: string | undefined
  /** Bytes, if that is known before it is read. */
  size: number | undefined
  /** Each of at most so many bytes, only the last one of less. */
  parts: (partBytes: number) => AsyncGenerator<Uint8Array<ArrayBuffer>>
}

/** @throws TypeError for a path where there are no files, or anything that is no source; what Node says of a file that is missing */
export const openFile = async (source: FileSource): Promise<OpenFile> => {
  if (typeof source === 'string') return openBlob(await blobAt(source), source.replace(/^.*[/\\]/, ''))
  if (source instanceof Blob) return openBlob(source, 'name' in source && typeof source.name === 'string' ? source.name : undefined)
  if (!isStream(source)) throw new TypeError('A table comes from a path, a Blob, or a stream of bytes')
  const stream = source
  return { name: undefined, type: undefined, size: undefined, parts: (partBytes) => regroup(chunksOf(stream), partBytes) }
}

const openBlob = (blob: Blob, name: string | undefined): OpenFile => {
  async function* parts(partBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let start = 0; start < blob.size; start += partBytes)
      yield new Uint8Array(await blob.slice(start, start + partBytes).arrayBuffer())
  }
  return { name, type: blob.type === '' ? undefined : blob.type, size: blob.size, parts }
}

/** A file as a Blob, which reads it where it is sliced. Asked for in this way, so that bundlers of pages do not look for it. */
const blobAt = async (path: string): Promise<Blob> => {
  const files = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:fs')
  if (!files) throw new TypeError('Paths of files can only be read in Node: pass a Blob or a stream')
  // Says which file is missing, as opening it does not.
  if (!(await files.promises.stat(path)).isFile()) throw new TypeError(`${path} is no file`)
  return files.openAsBlob(path)
}

const isStream = (source: unknown): source is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> =>
  typeof source === 'object' && source !== null && (isIterable(source) || source instanceof ReadableStream)

const isIterable = (source: object): source is AsyncIterable<Uint8Array> => Symbol.asyncIterator in source

async function* chunksOf(stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (isIterable(stream)) return yield* stream
  // Not every browser lets a stream be looped over.
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function* regroup(chunks: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.byteLength; ) {
      const piece = chunk.subarray(start, start + partBytes - size)
      // A copy: who writes the stream may use its buffer again.
      kept.push(piece.slice())
      size += piece.byteLength
      start += piece.byteLength
      if (size < partBytes) continue
      yield joined(kept)
      kept = []
      size = 0
    }
  }
  if (size > 0) yield joined(kept)
}
