/** Reads files into tables: a small one here and now, a large one in a thread, as fast as the thread reads and no faster. */
import type { Readable } from 'node:stream'
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { Problem } from '../../../contracts/error-codes.ts'
import { inSlices } from '../../slices.ts'
import type { ChunkSpools } from '../chunk-spool.ts'
import type { FileFormat } from '../formats/upload-format.ts'
import type { IntakeAnswer, IntakeRequest } from './intake-sessions.ts'
import type { FileHints, OpenPieceReader } from './piece-reader.ts'
import type { StoredPart } from './stored-part.ts'
import { createTableIntake, type IntakeResult } from './table-intake.ts'

/** Asks the thread for a step; the buffers are given away. */
export type AskIntake = (request: IntakeRequest, give?: ArrayBuffer[]) => Promise<IntakeAnswer>

export type FileTask = {
  format: FileFormat
  hints: FileHints
  /** What is said about the columns may come behind the file, so it is asked for at its end. */
  options: () => Promise<UploadOptions>
  /** Whose it is: files that wait for their turn take turns by tenant. */
  tenant?: string
}

/** A table that waits to be stored; `close` it in any case. */
export type WaitingTable = IntakeResult & { parts: () => AsyncGenerator<StoredPart>; close: () => Promise<void> }

/** Reads files of formats that have to be there as a whole. */
type WholeFileReader = { read: (file: Readable, task: FileTask) => Promise<WaitingTable> }

/** Bytes of a file that are read without the thread, and of a piece that goes there. */
const smallFile = 64 * 1024
const pieceBytes = 256 * 1024
/** Pieces that are on their way at a time. */
const piecesAhead = 3

export const createTableReader = ({ ask, spools, wholeFiles }: { ask: AskIntake; spools: ChunkSpools; wholeFiles: WholeFileReader }) => {
  let sessions = 0

  /** Reads a file to its end. @throws Problem with every validation error and its line */
  const read = async (file: Readable, task: FileTask): Promise<WaitingTable> => {
    const { open } = task.format
    if (!open) return wholeFiles.read(file, task)
    const chunks: AsyncIterator<Buffer> = file[Symbol.asyncIterator]()
    const beginning: Buffer[] = []
    let bytes = 0
    while (bytes <= smallFile) {
      const { value, done } = await chunks.next()
      if (done) return readHere(beginning, open, task)
      beginning.push(value)
      bytes += value.length
    }
    return readThere(beginning, chunks, task)
  }

  const readHere = async (chunks: readonly Buffer[], open: OpenPieceReader, { hints, options }: FileTask): Promise<WaitingTable> => {
    const intake = createTableIntake({ open, hints, spools })
    const close = async (): Promise<void> => intake.remove()
    try {
      for (const chunk of chunks) intake.write(chunk)
      const result = await inSlices(intake.finish(await options()))
      return { ...result, parts: () => toAsync(intake.parts()), close }
    } catch (error) {
      await close()
      throw error
    }
  }

  const readThere = async (beginning: readonly Buffer[], rest: AsyncIterator<Buffer>, task: FileTask): Promise<WaitingTable> => {
    const session = ++sessions
    const step = async <Step extends IntakeAnswer['step']>(wanted: Step, request: IntakeRequest, give?: ArrayBuffer[]) => {
      const answer = await ask(request, give).catch((error: Error & { code?: string }) => {
        throw error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error
      })
      if (answer.step === 'refused') throw new Problem(answer.code, answer.detail, answer.errors)
      if (answer.step !== wanted) throw new Error(`a step ${request.step} was answered with ${answer.step}`)
      return answer as Extract<IntakeAnswer, { step: Step }>
    }
    // A thread that is gone has left nothing.
    const close = async (): Promise<void> => void (await ask({ session, step: 'close' }).catch(() => {}))
    try {
      await step('done', { session, step: 'open', format: task.format.name, hints: task.hints })
      await sendAll(
        beginning,
        rest,
        async (memory, bytes) => (await step('write', { session, step: 'write', memory, bytes }, [memory])).memory,
      )
      const { result } = await step('finish', { session, step: 'finish', options: await task.options() })
      const parts = async function* (): AsyncGenerator<StoredPart> {
        for (;;) {
          const given = await step('parts', { session, step: 'parts' })
          if (given.parts.length === 0) return
          yield* given.parts
        }
      }
      return { ...result, parts, close }
    } catch (error) {
      await rest.return?.()
      await close()
      throw error
    }
  }

  return { read }
}

export type TableReader = ReturnType<typeof createTableReader>

const tooMuch = (): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [{ path: '/body', code: 'too_large', message: 'holds more than can be read at once' }])

async function* toAsync<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values
}

/** Sends pieces of full size, a few at a time; `send` gives a piece's memory back. Ends with the first piece that fails. */
const sendAll = async (
  beginning: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
  send: (memory: ArrayBuffer, bytes: number) => Promise<ArrayBuffer>,
): Promise<void> => {
  const free: ArrayBuffer[] = []
  const sent: Promise<void>[] = []
  let memory = new Uint8Array(pieceBytes)
  let filled = 0

  const sendPiece = async (): Promise<void> => {
    const piece = send(memory.buffer, filled).then((back) => void free.push(back))
    // A failure is met where the piece is waited for, at the latest at the end.
    piece.catch(() => {})
    sent.push(piece)
    if (sent.length >= piecesAhead) await sent.shift()
    memory = new Uint8Array(free.pop() ?? new ArrayBuffer(pieceBytes))
    filled = 0
  }
  const keep = async (chunk: Buffer): Promise<void> => {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + pieceBytes - filled)
      memory.set(part, filled)
      filled += part.length
      from += part.length
      if (filled === pieceBytes) await sendPiece()
    }
  }
  for (const chunk of beginning) await keep(chunk)
  for (let next = await rest.next(); !next.done; next = await rest.next()) await keep(next.value)
  if (filled > 0) await sendPiece()
  await Promise.all(sent)
}
