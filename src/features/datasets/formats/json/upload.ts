/** JSON bodies of POST /v1/datasets, read and packed: pure work, which any thread can do. */
import { createErrorList } from '../../../../validation/validation-errors.ts'
import { createChunkSpools } from '../../chunk-spool.ts'
import { createTableBuilder, type TableBuilder } from '../../table/builder.ts'
import { createChunkStore } from '../../table/chunk-store.ts'
import { createFinishedTable, requireTable } from '../../table/finished-table.ts'
import type { TableStart } from '../../table/piece-reader.ts'
import type { ReadBody } from '../upload-format.ts'
import { readDatasetRequest } from './request.ts'
import type { JsonTable } from './table.ts'

/** Readings after which a column that still changes is a defect. */
const maxReadings = 20
/** The body is in memory, and so is what comes of it. */
const spools = createChunkSpools({ most: Number.MAX_SAFE_INTEGER, memory: Number.MAX_SAFE_INTEGER })

/** Reads and packs a body. @throws Problem VALIDATION_FAILED with every validation error */
export const readJson = (body: unknown): ReadBody => {
  const request = readDatasetRequest(body)
  if ('spec' in request) return request
  const { options } = request.table
  const { cells, start, errors, store } = readCells(request.table)
  const all = createErrorList()
  all.addAll(request.errors.errors)
  all.addAll(errors.errors)
  const placed = cells && { ...cells, errors: cells.errors.map(request.table.placed) }
  const table = createFinishedTable(requireTable(placed, { options, namesAreGiven: true, start, errors: all }), store)
  const parts = [...table.parts()]
  const work = table.summarize(options)
  for (let step = work.next(); ; step = work.next()) if (step.done) return { summary: step.value, options, parts }
}

/** Reads the table as often as it takes to know what its columns are. */
const readCells = ({ options, read }: JsonTable) => {
  let before: TableBuilder | undefined
  let names: readonly string[] | undefined
  for (let readings = 1; readings <= maxReadings; readings++) {
    const errors = createErrorList()
    const store = createChunkStore(spools)
    const told: { start?: TableStart; builder?: TableBuilder } = {}
    const start = (table: TableStart): TableBuilder => {
      told.start = { ...table, unit: 'row' }
      told.builder = createTableBuilder({ names: table.names, options, unit: 'row', known: before?.learned(), emit: store.add })
      return told.builder
    }
    const { lateNames } = read({ hints: options, names, start, errors })
    const cells = told.builder?.finish()
    const mustReread = cells && (cells.mustReread || lateNames) && cells.errors.length === 0 && errors.count() === 0
    if (!mustReread) return { cells, start: told.start, errors, store }
    before = told.builder
    names = lateNames ?? told.start?.names
  }
  throw new Error('the columns of a table change with every reading')
}
