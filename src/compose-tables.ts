/** Puts together what reads files into tables: here, in a thread, or in a child for each file. */
import { createChunkSpools } from './features/datasets/chunk-spool.ts'
import type { IntakeAnswer, IntakeRequest } from './features/datasets/table/intake-sessions.ts'
import { createTableReader, type TableReader } from './features/datasets/table/read-table.ts'
import { createWholeFileReader, type RunReader } from './features/datasets/table/whole-files.ts'
import { runDisposable } from './platform/disposable-child.ts'
import { createThread } from './platform/thread.ts'

/** @param spoolBytes what the temporary files of uploads may take, of the thread's and of all others each */
export const composeTables = (spoolBytes: number): TableReader => {
  const thread = createThread<IntakeRequest, IntakeAnswer>(entry('tables.thread'), { data: { spoolBytes } })
  const spools = createChunkSpools({ most: spoolBytes })
  const run: RunReader = (task) => runDisposable({ entry: entry('table-reader.child'), ...task })
  return createTableReader({ ask: thread.ask, spools, wholeFiles: createWholeFileReader({ run, spools }) })
}

/** An entry beside this file, compiled or not. */
const entry = (name: string): URL => new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url)
