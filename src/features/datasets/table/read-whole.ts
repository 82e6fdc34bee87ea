/** Reads a file of a format that is read as a whole, and tells its table frame by frame. This is what a child does. */
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import { Problem } from '../../../contracts/error-codes.ts'
import { createErrorList } from '../../../validation/validation-errors.ts'
import { type BinaryTable, type FileBytes, type OpenBinaryTable, UnreadableTable } from '../formats/binary-table.ts'
import { createTableBuilder, type TableBuilder } from './builder.ts'
import { codesParts, type DoneFrame, frameKinds, packedParts, type RefusedFrame } from './child-frames.ts'
import { requireTable } from './finished-table.ts'
import { sliceLevels } from './stored-part.ts'

type WriteFrame = (kind: number, ...parts: readonly Uint8Array[]) => void

/** Readings after which a column that still changes is a defect. */
const maxReadings = 20

/** @param what the format's name, for messages */
export const readWhole = async (
  file: FileBytes,
  { open, what, options: said }: { open: OpenBinaryTable; what: string; options: UploadOptions },
  write: WriteFrame,
): Promise<void> => {
  const json = (kind: number, value: DoneFrame | RefusedFrame | object): void => write(kind, Buffer.from(JSON.stringify(value)))
  try {
    const table = await open(file)
    const options = { ...table.options, ...said }
    const cells = await readCells(table, options, write)
    const start = { names: table.names, notes: table.notes }
    const described = requireTable(cells, { options, namesAreGiven: true, start, errors: createErrorList() })
    for (const { column, values } of sliceLevels(described.levels)) json(frameKinds.levels, { column, values })
    for (const [column, codes] of described.finish.codes.entries()) if (codes) write(frameKinds.codes, ...codesParts(column, codes))
    const { columns, rows, notes, badRows, finish } = described
    json(frameKinds.done, { columns, rows, notes, badRows, wide: finish.wide, options } satisfies DoneFrame)
  } catch (error) {
    json(frameKinds.refused, refusal(error, what))
  }
}

/** Reads all rows as often as it takes to know what the columns are. */
const readCells = async (table: BinaryTable, options: UploadOptions, write: WriteFrame) => {
  let before: TableBuilder | undefined
  for (let readings = 1; readings <= maxReadings; readings++) {
    const builder = createTableBuilder({
      names: table.names,
      options: { ...options, columns: { ...table.types, ...options.columns } },
      unit: 'row',
      known: before?.learned(),
      emit: (packed) => write(frameKinds.packed, ...packedParts(packed)),
    })
    await table.feed(builder)
    const cells = builder.finish()
    if (!cells.mustReread || cells.errors.length > 0) return cells
    write(frameKinds.again)
    before = builder
  }
  throw new Error('the columns of a table change with every reading')
}

/** What a library says of bytes that make no sense to it, is said of the file. */
const refusal = (error: unknown, what: string): RefusedFrame => {
  if (error instanceof Problem) return { code: error.code, detail: error.message, errors: error.errors }
  const message = error instanceof Error ? error.message : String(error)
  const is = error instanceof UnreadableTable ? message : `cannot be read as ${what}: ${message}`
  return { code: 'MALFORMED_BODY', detail: `The file ${is}`, errors: [{ path: '/body', code: 'malformed', message: is }] }
}
