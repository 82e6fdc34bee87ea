/** Reads one file after the other with the service's own readers, in this process, and tells what came of each. */
import { Readable } from 'node:stream'
import { Problem } from '../../src/contracts/error-codes.ts'
import { createChunkSpools } from '../../src/features/datasets/chunk-spool.ts'
import { requireFileFormat } from '../../src/features/datasets/formats/all-formats.ts'
import { json } from '../../src/features/datasets/formats/json.ts'
import { openWhole } from '../../src/features/datasets/formats/open-whole.ts'
import { createIntakeSessions } from '../../src/features/datasets/table/intake-sessions.ts'
import { createTableReader } from '../../src/features/datasets/table/read-table.ts'
import { readWhole } from '../../src/features/datasets/table/read-whole.ts'
import { createWholeFileReader } from '../../src/features/datasets/table/whole-files.ts'
import { contentEncodings, decompress } from '../../src/http/bodies/content-encoding.ts'
import { parseJson } from '../../src/http/bodies/parse-json.ts'
import { createZstdDecoder } from '../../src/http/bodies/unzstd.ts'
import { openFile } from '../../src/platform/disposable-entry.ts'

/** A file, how it is compressed, and what it is. */
export type FileTold = { format: string; encoding: string; bytes: Uint8Array }
/** `outcome`: stored, or the code that it was refused with. `wrong`: an error that is none of a file's. `ms` of this process's time. */
export type FileAnswer = { outcome: string; wrong: string | null; ms: number }

const spools = createChunkSpools({ most: 2 ** 31 })
const wholeFiles = createWholeFileReader({
  spools,
  // The service does this in a child for each file.
  run: async ({ told, file, onFrame }) => {
    const open = await openWhole(told.format)
    await readWhole(openFile(file), { open, what: told.format, options: told.options }, (kind, ...parts) =>
      onFrame(kind, Buffer.concat(parts)),
    )
  },
})
const tables = createTableReader({ ask: createIntakeSessions(spools), spools, wholeFiles })
const unzstd = createZstdDecoder()

const read = async ({ format, encoding, bytes }: FileTold): Promise<void> => {
  const known = contentEncodings.find((name) => name === encoding)
  const plain = Readable.from([Buffer.from(bytes)], { objectMode: false })
  const body = known ? decompress(plain, known, unzstd) : plain
  if (format === json.name) {
    const pieces: Buffer[] = []
    for await (const piece of body) pieces.push(piece)
    JSON.stringify(json.read(parseJson(Buffer.concat(pieces))))
    return
  }
  const table = await tables.read(body, { format: requireFileFormat(format), hints: {}, options: async () => ({}) })
  try {
    JSON.stringify(table.summary)
    for await (const _ of table.parts());
  } finally {
    await table.close()
  }
}

process.on('message', async (told: FileTold) => {
  const before = process.cpuUsage()
  const answer: FileAnswer = { outcome: 'stored', wrong: null, ms: 0 }
  try {
    await read(told)
  } catch (error) {
    answer.outcome = error instanceof Problem ? `${error.code} ${error.errors[0]?.code ?? ''}` : 'error'
    if (!(error instanceof Problem)) answer.wrong = error instanceof Error ? (error.stack ?? error.message) : String(error)
    else if (error.code === 'VALIDATION_FAILED' && error.errors.length === 0) answer.wrong = 'refused without saying why'
  }
  const { user, system } = process.cpuUsage(before)
  process.send?.({ ...answer, ms: (user + system) / 1000 })
})
process.send?.('ready')
