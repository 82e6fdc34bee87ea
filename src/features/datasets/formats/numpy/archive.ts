/** The arrays of an `.npz`: a zip whose members are stored or deflated, each unpacked when it is opened. */
import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl'
import { type FileBytes, UnreadableTable } from '../binary-table.ts'

/** Arrays of an archive at most. */
const mostMembers = 1000
/** What members may come to: beyond `free` bytes no more than `ratio` times what they are packed. */
const bounds = { free: 64 * 1024 * 1024, ratio: 250 }

export const openArchive = async (file: FileBytes): Promise<{ name: string; file: FileBytes }[]> => {
  const zip = await openZip(file)
  const members: { name: string; file: FileBytes }[] = []
  let total = 0
  for await (const entry of entriesOf(zip)) {
    if (!entry.fileName.endsWith('.npy')) throw new UnreadableTable(`holds "${entry.fileName.slice(0, 100)}", which is no array (.npy)`)
    if (members.length === mostMembers) throw new UnreadableTable(`holds more than ${mostMembers} arrays`)
    total += entry.uncompressedSize
    if (total > bounds.free && total > bounds.ratio * file.bytes)
      throw new UnreadableTable(`comes to ${total} bytes, which is more than ${bounds.ratio} times its own ${file.bytes}`)
    const bytes = await unpack(zip, entry)
    members.push({ name: entry.fileName.slice(0, -'.npy'.length), file: inMemory(bytes) })
  }
  return members
}

const openZip = (file: FileBytes): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true }
    fromRandomAccessReader(new FileReader(file), file.bytes, options, (error, zip) => (error ? reject(error) : resolve(zip)))
  })

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (let left = zip.entryCount; left > 0; left--) {
    const next = once(zip, 'entry') as Promise<[Entry]>
    zip.readEntry()
    const [entry] = await next
    yield entry
  }
}

/** yauzl ends a stream that is longer than the entry says, and leaves the checksum to its caller. */
const unpack = async (zip: ZipFile, entry: Entry): Promise<Buffer> => {
  const stream = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
  )
  const bytes = await buffer(stream)
  if (crc32(bytes) === entry.crc32) return bytes
  throw new UnreadableTable(`is damaged: the checksum of "${entry.fileName.slice(0, 100)}" is not that of its bytes`)
}

const inMemory = (bytes: Buffer): FileBytes => ({
  bytes: bytes.length,
  read: (start, end) => {
    if (!(start >= 0 && end >= start && end <= bytes.length))
      throw new RangeError(`the array has no bytes from ${start} to ${end}: it ends at ${bytes.length}`)
    return Uint8Array.from(bytes.subarray(start, end))
  },
})

/** Reads what yauzl asks for, a piece at a time. */
class FileReader extends RandomAccessReader {
  readonly #file: FileBytes

  constructor(file: FileBytes) {
    super()
    this.#file = file
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const file = this.#file
    const through = new PassThrough()
    const pieceBytes = 256 * 1024
    const pieces = function* () {
      for (let at = start; at < end; at += pieceBytes) yield file.read(at, Math.min(end, at + pieceBytes))
    }
    void (async () => {
      try {
        for (const piece of pieces()) if (!through.write(piece)) await once(through, 'drain')
        through.end()
      } catch (error) {
        through.destroy(error as Error)
      }
    })()
    return through
  }
}
