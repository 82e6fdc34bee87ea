/** Files that are taken in beside the event loop: what is asked of the thread that does it, and how it answers. */
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { Problem, type ProblemCode, type ValidationError } from '../../../contracts/error-codes.ts'
import { inSlices } from '../../slices.ts'
import type { ChunkSpools } from '../chunk-spool.ts'
import { csv } from '../formats/csv.ts'
import { tsv } from '../formats/tsv.ts'
import type { FileFormat } from '../formats/upload-format.ts'
import type { FileHints } from './piece-reader.ts'
import type { StoredPart } from './stored-part.ts'
import { createTableIntake, type IntakeResult, type TableIntake } from './table-intake.ts'

/** One step of a file; each file is a session of its own. A piece of a file is given back empty, to be filled again. */
export type IntakeRequest = { session: number } & (
  | { step: 'open'; format: string; hints: FileHints }
  | { step: 'write'; memory: ArrayBuffer; bytes: number }
  | { step: 'finish'; options: UploadOptions }
  | { step: 'parts' }
  | { step: 'close' }
)

export type IntakeAnswer =
  | { step: 'done' }
  | { step: 'write'; memory: ArrayBuffer }
  | { step: 'finish'; result: IntakeResult }
  | { step: 'parts'; parts: StoredPart[] }
  | { step: 'refused'; code: ProblemCode; detail: string; errors: ValidationError[] }

/** The formats of most large files; the others take much longer to load, so they are loaded when one comes. */
const commonFormats: readonly FileFormat[] = [csv, tsv]

/** Bytes of parts that are given at a time. */
const givenBytes = 1024 * 1024

/** What the thread does: it answers steps of many files at a time, each file's in order. */
export const createIntakeSessions = (spools: ChunkSpools) => {
  const sessions = new Map<number, { intake: TableIntake; parts?: Generator<StoredPart> }>()

  const take = async (request: IntakeRequest): Promise<IntakeAnswer> => {
    if (request.step === 'open') {
      const { open } = await findFormat(request.format)
      if (!open) throw new Error(`${request.format} is not read piece by piece`)
      sessions.set(request.session, { intake: createTableIntake({ hints: request.hints, open, spools }) })
      return { step: 'done' }
    }
    const session = sessions.get(request.session)
    if (request.step === 'close') {
      session?.intake.remove()
      sessions.delete(request.session)
      return { step: 'done' }
    }
    if (!session) throw new Problem('UNAVAILABLE', 'Reading the file was interrupted; send it again')
    switch (request.step) {
      case 'write':
        session.intake.write(new Uint8Array(request.memory, 0, request.bytes))
        return { step: 'write', memory: request.memory }
      case 'finish':
        return { step: 'finish', result: await inSlices(session.intake.finish(request.options)) }
      case 'parts': {
        session.parts ??= session.intake.parts()
        return { step: 'parts', parts: takeParts(session.parts) }
      }
    }
  }

  /** Answers a step; what is wrong with a file is an answer, anything else an error. */
  const answer = async (request: IntakeRequest): Promise<IntakeAnswer> => {
    try {
      return await take(request)
    } catch (error) {
      sessions.get(request.session)?.intake.remove()
      if (!(error instanceof Problem)) throw error
      return { step: 'refused', code: error.code, detail: error.message, errors: error.errors }
    }
  }

  return answer
}

/** What an answer gives away instead of copying it. */
export const transferred = (answer: IntakeAnswer): ArrayBuffer[] => {
  if (answer.step === 'write') return [answer.memory]
  return answer.step === 'parts' ? answer.parts.flatMap((part) => (part.kind === 'levels' ? [] : [part.bytes.buffer as ArrayBuffer])) : []
}

const findFormat = async (name: string): Promise<FileFormat> =>
  commonFormats.find((format) => format.name === name) ?? (await import('../formats/all-formats.ts')).requireFileFormat(name)

const takeParts = (source: Generator<StoredPart>): StoredPart[] => {
  const parts: StoredPart[] = []
  for (let bytes = 0; bytes < givenBytes; ) {
    const { value, done } = source.next()
    if (done) break
    parts.push(value)
    bytes += value.kind === 'levels' ? givenBytes / 4 : value.bytes.length
  }
  return parts
}
