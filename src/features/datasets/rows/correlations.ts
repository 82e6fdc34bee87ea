/** How each column of some rows goes with one of them. */
import { setImmediate as turn } from 'node:timers/promises'
import type { ColumnType } from '../../../api/column.schema.ts'
import type { Correlation } from '../../../api/dataset-rows.schema.ts'
import { correlationRatio, cramersV, pearson } from '../../../numerics/correlation.ts'
import { must } from '../../../numerics/must.ts'
import { cellReaders, type RowBlock } from './cell-json.ts'

/** Cells that are looked at before others have their turn. */
const cellsAtOnce = 200_000

/** Every other column of some rows beside the one at `label`, by exact values, made while they are sent. */
export async function* correlationsWith(block: Omit<RowBlock, 'texts'>, label: number): AsyncGenerator<Correlation> {
  const rows = block.values.length / block.layout.names.length
  const columns = columnsOf(block)
  const held = must(columns, label)
  let sinceTurn = 0
  for (const [at, column] of columns.entries()) {
    sinceTurn += rows
    if (sinceTurn > cellsAtOnce) {
      sinceTurn = 0
      await turn()
    }
    if (at !== label) yield { column: column.name, ...correlate(column, held, rows) }
  }
}

type TableColumn = { name: string; kind: Kind; value: (row: number) => number }

const columnsOf = (block: Omit<RowBlock, 'texts'>): TableColumn[] => {
  const kinds = new Map(block.layout.rich.map(({ at, type }) => [at, kindOf(type)]))
  return cellReaders(block).map((value, at) => ({ name: block.layout.names[at] ?? '', kind: kinds.get(at) ?? 'quantity', value }))
}

const correlate = (column: TableColumn, label: TableColumn, rows: number): Omit<Correlation, 'column'> => {
  const [first, second] = column.kind === 'quantity' ? [column, label] : [label, column]
  if (first.kind === 'text' || second.kind === 'text') return { measure: null, value: null }
  if (first.kind === 'group') return { measure: 'cramersV', value: cramersV(rows, first.value, second.value) }
  return second.kind === 'quantity'
    ? { measure: 'pearson', value: pearson(rows, first.value, second.value) }
    : { measure: 'correlationRatio', value: correlationRatio(rows, first.value, second.value) }
}

type Kind = 'quantity' | 'group' | 'text'

const kindOf = (type: ColumnType): Kind => (type === 'category' ? 'group' : type === 'text' ? 'text' : 'quantity')
