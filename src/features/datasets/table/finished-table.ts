/** From cells that have all been read to a table that can be stored. */
import type { UploadOptions } from '../../../api/upload-options.schema.ts'
import type { ErrorList } from '../../../validation/validation-errors.ts'
import { optionErrors } from '../column-roles.ts'
import type { ReadCells } from './builder.ts'
import { hashContent } from './content-hash.ts'
import { describeTable, type TableDescription } from './describe-table.ts'
import { createChunkFinisher, type PackedRows } from './packing.ts'
import type { TableStart } from './piece-reader.ts'
import { levelBytes, type StoredPart, sliceLevels } from './stored-part.ts'
import type { TableSummary } from './table-summary.ts'

type About = { options: UploadOptions; namesAreGiven: boolean; start: TableStart | undefined; errors: ErrorList }

/** What a table is. @throws Problem VALIDATION_FAILED with every validation error, those in `errors` included */
export const requireTable = (cells: ReadCells | undefined, { options, namesAreGiven, start, errors }: About): TableDescription => {
  if (cells) errors.addAll(optionErrors(cells.names, options, { namesAreGiven }))
  const described = cells && describeTable(cells, options, start)
  if (described) {
    errors.addAll(described.errors)
    if (described.rows === 0 && errors.count() === 0)
      errors.add({ path: '/rows', code: 'no_rows', message: 'the file has no rows that can be read' })
  }
  errors.throwIfAny()
  if (!described) throw new Error('a file without a table has no error')
  return described
}

/** A table with its packed rows, in whatever keeps them. */
export const createFinishedTable = (
  described: Pick<TableDescription, 'columns' | 'rows' | 'notes' | 'badRows' | 'levels' | 'finish'>,
  store: { read: () => Iterable<PackedRows> },
) => {
  function* chunks(): Generator<StoredPart & { kind: 'values' | 'wide' }> {
    const finisher = createChunkFinisher(described.finish)
    for (const packed of store.read()) yield* finisher.finish(packed)
    yield* finisher.rest()
  }

  /** What is to be stored. */
  function* parts(): Generator<StoredPart> {
    yield* sliceLevels(described.levels)
    yield* chunks()
  }

  /** Sums it up, and pauses wherever it has worked for some milliseconds. */
  function* summarize({ inputShape }: UploadOptions): Generator<void, TableSummary> {
    const { columns, rows, notes, badRows, levels } = described
    const hash = hashContent({ columns, levels, inputShape })
    let storedBytes = levelBytes(levels)
    for (const part of chunks()) {
      hash.add(part)
      storedBytes += part.bytes.length
      yield
    }
    return { columns, rows, notes, badRows, storedBytes, contentHash: hash.digest() }
  }

  return { parts, summarize }
}
