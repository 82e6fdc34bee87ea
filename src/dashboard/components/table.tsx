/** A table of things: columns say how a cell is drawn. */
import type { ComponentChildren } from 'preact'
import { nextOrder, type Order, sortRows } from './sort-rows.ts'

export type TableColumn<Row> = {
  key: string
  head: ComponentChildren
  cell: (row: Row) => ComponentChildren
  /** Figures stand to the right. */
  number?: boolean
  /** Names its row. */
  header?: boolean
  class?: string
  /** What rows are sorted by with the button that is then in the head. */
  sortBy?: (row: Row) => unknown
}

type Props<Row> = {
  caption: string
  columns: TableColumn<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string | number
  empty?: ComponentChildren
  /** How its rows are sorted, and what is done once another order is asked for. */
  order?: Order | null
  onOrder?: (order: Order | null) => void
}

/** Scrolls sideways if it is too wide; `caption` names it for those who hear the page. */
export const Table = <Row,>({ caption, columns, rows, keyOf, empty = 'Nothing here.', order = null, onOrder }: Props<Row>) => {
  const sortBy = columns.find(({ key }) => key === order?.key)?.sortBy
  const shown = order && sortBy ? sortRows(rows, sortBy, order.descending) : rows
  return (
    // A box that scrolls can be reached by keyboard.
    <div class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={order} onSort={() => onOrder?.(nextOrder(order, column.key))} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ key, cell, number, header, class: className = '' }) =>
                header ? (
                  <th key={key} scope="row" class={className}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} class={`${number ? 'number' : ''} ${className}`}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} class="empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

type HeadProps<Row> = { column: TableColumn<Row>; order: Order | null; onSort: () => void }

const Head = <Row,>({ column: { key, head, number, sortBy, class: className = '' }, order, onSort }: HeadProps<Row>) => {
  const sorted = order?.key !== key ? 'none' : order.descending ? 'descending' : 'ascending'
  return (
    <th scope="col" class={`${number ? 'number' : ''} ${className}`} aria-sort={sortBy ? sorted : undefined}>
      {sortBy ? (
        <button type="button" class="sort" onClick={onSort}>
          {head}
          <span aria-hidden="true">{marks[sorted]}</span>
        </button>
      ) : (
        head
      )}
    </th>
  )
}

const marks = { none: '↕', ascending: '↑', descending: '↓' }
