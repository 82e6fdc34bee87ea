/** A table of things: columns say how a cell is drawn. */
import type { ComponentChildren } from 'preact'

export type TableColumn<Row> = {
  key: string
  head: ComponentChildren
  cell: (row: Row) => ComponentChildren
  /** Figures stand to the right. */
  number?: boolean
  /** Names its row. */
  header?: boolean
  class?: string
}

type Props<Row> = {
  caption: string
  columns: TableColumn<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string | number
  empty?: ComponentChildren
}

/** Scrolls sideways if it is too wide; `caption` names it for those who hear the page. */
export const Table = <Row,>({ caption, columns, rows, keyOf, empty = 'Nothing here.' }: Props<Row>) => (
  // A box that scrolls can be reached by keyboard.
  <div class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
    <table>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ key, head, number, class: className = '' }) => (
            <th key={key} scope="col" class={`${number ? 'number' : ''} ${className}`}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
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
