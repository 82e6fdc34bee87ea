/** The records of a CSV: its header, if it has one, then rows of cells for the table. */
import { isUtf8 } from 'node:buffer'
import type { CsvDialect, DatasetNote } from '../../../../api/dataset.schema.ts'
import { Problem } from '../../../../contracts/error-codes.ts'
import { isStorable } from '../../../../validation/storable-text.ts'
import { type ErrorList, pointer } from '../../../../validation/validation-errors.ts'
import type { TableBuilder } from '../../table/builder.ts'
import { commaMarks, pointMarks } from '../../table/numbers.ts'
import type { ReaderContext } from '../../table/piece-reader.ts'
import { maxColumns } from '../upload-format.ts'
import type { CellSink, Syntax } from './cell-scanner.ts'
import { type CsvHints, firstRecords } from './dialect.ts'
import { type FirstLine, readFirstLine } from './first-line.ts'
import { createRaggedRows } from './ragged-rows.ts'

type RowContext = Omit<ReaderContext, 'hints'> & { hints: CsvHints; beginning: Buffer; syntax: Syntax; dialect: CsvDialect }

export const createRowReader = ({ hints, beginning, syntax, dialect, start, errors }: RowContext) => {
  let send: (sink: CellSink) => void = () => {}
  let cells: Buffer[] = []
  let columns = 0
  let builder: TableBuilder | undefined
  let rows = 0
  const ragged = createRaggedRows()

  const takeHeader = (at: number): void => {
    const texts = cells.map((cell) => cell.toString())
    const line = readFirstLine(texts, firstRecords(beginning, syntax), { said: hints.header, delimiter: syntax.delimiter })
    dialect.header = line.kind === 'names'
    if (columns > maxColumns) throw tooWide(columns, at)
    if (line.kind === 'names') checkNames(line, cells, at, errors)
    const notes: DatasetNote[] = [
      ...line.notes,
      ...(syntax.decimal === ',' && hints.decimal === undefined
        ? [{ column: null, message: 'numbers were read with a decimal comma' }]
        : []),
    ]
    const { names } = line
    builder = start({
      names,
      marks: syntax.decimal === ',' ? commaMarks : pointMarks,
      notes,
      ...(line.unnamed === undefined ? {} : { unnamed: line.unnamed }),
    })
    send(rowSink(builder, line))
    if (line.kind === 'data') tellAgain(builder, cells, at)
    cells = []
  }

  const tellAgain = (table: TableBuilder, row: readonly Buffer[], line: number): void => {
    for (const [column, bytes] of row.entries()) table.cell(column, bytes, 0, bytes.length)
    rows++
    table.endRow(line)
  }

  const rowSink = (table: TableBuilder, { classes }: FirstLine): CellSink => {
    const { width } = table
    const last = classes ? width - 1 : -1
    const classBytes = classes?.map((name) => Buffer.from(name)) ?? []
    return {
      kinds: table.kinds,
      row: table.row,
      cell: (column, bytes, from, to) => {
        const name = column === last ? classBytes[Number(Buffer.from(bytes.subarray(from, to)).toString('latin1'))] : undefined
        if (name) table.cell(column, name, 0, name.length)
        else if (column < width) table.cell(column, bytes, from, to)
      },
      endRow: (line, count) => {
        rows++
        if (count === width) return table.endRow(line)
        const message = `line ${line} has ${count} cells, but the first line has ${width}`
        if (!table.areBadRowsAllowed) ragged.add(rows - 1, line, message)
        table.badRow(line, message)
      },
    }
  }

  const header: CellSink = {
    kinds: new Uint8Array(),
    row: new Float64Array(),
    cell: (_column, bytes, from, to) => {
      if (++columns <= maxColumns) cells.push(Buffer.from(bytes.subarray(from, to)))
    },
    endRow: takeHeader,
  }

  /** Passes over a first line that says what separates the cells. */
  const statement: CellSink = { ...header, cell: () => {}, endRow: () => send(header) }

  const end = (list: ErrorList): void => {
    ragged.tell(list)
    if (rows === 0 && list.count() === 0) list.add({ path: '/rows', code: 'no_rows', message: noRows(builder !== undefined) })
  }

  const sendTo = (to: (sink: CellSink) => void): void => {
    send = to
  }

  return { header, statement, sendTo, end }
}

const ifFirstLineIsData = 'if its first line is data, say so with ?header=false'

const noRows = (hasNames: boolean): string =>
  hasNames ? `the file has no rows below its header; ${ifFirstLineIsData}` : 'the file is empty: it has neither names nor numbers'

const tooWide = (columns: number, line: number): Problem =>
  new Problem('VALIDATION_FAILED', undefined, [
    { path: '/columns', code: 'too_many_columns', message: `has ${columns} columns; a table may have ${maxColumns}`, line },
  ])

const checkNames = ({ names, unnamed }: FirstLine, cells: readonly Buffer[], line: number, errors: ErrorList): void => {
  const [first] = cells
  const advice =
    cells.length > 1 && names.some((name) => name !== '') && first
      ? 'give it one, or leave the column out; with ?header=false the line is data'
      : ifFirstLineIsData
  for (const [at, name] of names.entries()) {
    if (at === unnamed) continue
    const about = { path: pointer('columns', at), line }
    if (name === '') errors.add({ ...about, code: 'empty_name', message: `column ${at + 1} has no name; ${advice}` })
    else if (!isStorable(name))
      errors.add({ ...about, code: 'text', message: `the name of column ${at + 1} is no text that can be stored` })
    else if (!isUtf8(cells[at - names.length + cells.length] ?? Buffer.alloc(0)))
      errors.add({
        ...about,
        code: 'text',
        message: `the name of column ${at + 1} is not UTF-8: write the file in that encoding, or say with ?charset= which it has, such as iso-8859-1`,
      })
  }
}
