/**
 * Takes a file in, piece by piece, and makes a table of it: read once while it comes, and again from a spool if a column
 * turned out to be something else than its first cells made it.
 */
import type { CsvDialect } from '../../../api/dataset.schema.ts'
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { createErrorList } from '../../../validation/validation-errors.ts'
import type { ChunkSpools } from '../chunk-spool.ts'
import { createTableBuilder, type Known, type TableBuilder } from './builder.ts'
import { createChunkStore } from './chunk-store.ts'
import { createFinishedTable, requireTable } from './finished-table.ts'
import type { FileHints, OpenPieceReader, TableStart } from './piece-reader.ts'
import type { StoredPart } from './stored-part.ts'
import type { TableSummary } from './table-summary.ts'

/** What came of a file. */
export type IntakeResult = { summary: TableSummary; csv: CsvDialect | null; options: UploadOptions }

export type IntakeTask = {
  open: OpenPieceReader
  hints: FileHints
  spools: ChunkSpools
}

/** Bytes of a file up to which it is read again at once if a column was not what it seemed, while that costs little. */
const earlyBytes = 1024 * 1024
/** Bytes of the spool that are read again between two pauses. */
const sliceBytes = 256 * 1024
/** Readings after which a column that still changes is a defect. */
const maxReadings = 20

export const createTableIntake = (task: IntakeTask) => {
  const file = task.spools.open()
  let bytes = 0
  let readings = 1
  let pass = openPass(task)
  let table: ReturnType<typeof createFinishedTable> | undefined

  /** Takes a piece of the file, and copies what it keeps. @throws Problem MALFORMED_BODY, or UNAVAILABLE if there is no room */
  const write = (piece: Uint8Array): void => {
    bytes += piece.length
    file.add(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
    pass.reader.write(piece)
    if (bytes <= earlyBytes && pass.mustReread()) for (const _ of reread());
  }

  /** Reads the spool with what is known by now, in slices. */
  function* reread(): Generator<void> {
    if (++readings > maxReadings) throw new Error('the columns of a table change with every reading')
    const known = pass.learned()
    const names = pass.names()
    pass.store.remove()
    pass = openPass(task, { known, names })
    for (const chunk of file.chunks())
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        pass.reader.write(chunk.subarray(at, at + sliceBytes))
        yield
      }
  }

  /**
   * Ends the file; roles and shape are said now at the latest. Pauses wherever it has worked for some milliseconds.
   * @throws Problem VALIDATION_FAILED with every validation error
   */
  function* finish(options: UploadOptions = {}): Generator<void, IntakeResult> {
    let facts = pass.reader.end()
    let cells = pass.builder?.finish()
    while (cells && (cells.mustReread || pass.lateNames()) && pass.errors.count() === 0 && cells.errors.length === 0) {
      yield* reread()
      facts = pass.reader.end()
      cells = pass.builder?.finish()
    }
    file.remove()
    yield
    const described = requireTable(cells, { options, namesAreGiven: facts.namesAreGiven, start: pass.start, errors: pass.errors })
    table = createFinishedTable(described, pass.store)
    yield
    return { summary: yield* table.summarize(options), csv: facts.csv, options }
  }

  /** What is to be stored of a finished table. */
  function* parts(): Generator<StoredPart> {
    if (table) yield* table.parts()
  }

  /** Leaves nothing behind, at whatever point. */
  const remove = (): void => {
    file.remove()
    pass.store.remove()
  }

  return { write, finish, parts, remove }
}

export type TableIntake = ReturnType<typeof createTableIntake>

/** One reading of the file. */
const openPass = ({ open, hints, spools }: IntakeTask, { known, names }: { known?: Known; names?: readonly string[] } = {}) => {
  const errors = createErrorList()
  const store = createChunkStore(spools)
  const pass: { builder?: TableBuilder; start?: TableStart } = {}
  const start = (table: TableStart): TableBuilder => {
    pass.start = table
    pass.builder = createTableBuilder({ names: table.names, options: hints, marks: table.marks, unit: table.unit, known, emit: store.add })
    return pass.builder
  }
  const reader = open({ hints, names, start, errors })
  const lateNames = (): readonly string[] | undefined => reader.lateNames?.()
  return {
    reader,
    errors,
    store,
    get builder() {
      return pass.builder
    },
    get start() {
      return pass.start
    },
    mustReread: () => pass.builder?.mustReread() ?? false,
    learned: () => pass.builder?.learned(),
    lateNames,
    /** All names that are known by now. */
    names: () => lateNames() ?? pass.start?.names,
  }
}
