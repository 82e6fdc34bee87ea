/** The columns: what each is, how much of it is missing, and how its values are spread. */
import { useState } from 'preact/hooks'
import type { Column, Dataset } from '../../api/types.ts'
import { Bars } from '../../components/bars.tsx'
import { Card } from '../../components/card.tsx'
import { Steps } from '../../components/steps.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'

/** Columns that are shown at once. */
const size = 30

export const ColumnsCard = ({ dataset: { columns, rows } }: { dataset: Dataset }) => {
  const [from, setFrom] = useState(0)
  const [wanted, setWanted] = useState('')
  const found = wanted === '' ? columns : columns.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))
  const shown = found.slice(from, from + size)
  return (
    <Card
      title="Columns"
      flush
      actions={
        columns.length > size && (
          <input
            type="search"
            aria-label="Find columns by name"
            placeholder="Find by name"
            value={wanted}
            onInput={(event) => {
              setWanted(event.currentTarget.value)
              setFrom(0)
            }}
          />
        )
      }
    >
      <Table caption="Each column" columns={columnsOf(rows)} rows={shown} keyOf={({ name }) => name} empty="No column has such a name." />
      <Steps name="columns" from={from} shown={shown.length} total={found.length} size={size} onChange={setFrom} />
    </Card>
  )
}

const columnsOf = (rows: number): TableColumn<Column>[] => [
  { key: 'name', head: 'Name', header: true, cell: ({ name }) => <b class="column-name">{name}</b> },
  { key: 'spread', head: 'Values', cell: (column) => <Spread column={column} /> },
  { key: 'type', head: 'Type', cell: ({ type, stored }) => (stored === false ? `${type}, not stored` : type) },
  { key: 'role', head: 'Role', cell: ({ role }) => role ?? <span class="muted">–</span> },
  { key: 'missing', head: 'Missing', number: true, cell: ({ missing = 0 }) => <Missing count={missing} rows={rows} /> },
  { key: 'min', head: 'Min', number: true, cell: ({ min }) => shownOf(min) },
  {
    key: 'quartiles',
    head: 'Quartiles',
    number: true,
    class: 'nowrap',
    cell: ({ quartiles }) => quartiles?.map(shownOf).join(' · ') ?? '–',
  },
  { key: 'max', head: 'Max', number: true, cell: ({ max }) => shownOf(max) },
  {
    key: 'mean',
    head: 'Mean ± std',
    number: true,
    class: 'nowrap',
    cell: ({ mean, std }) => (mean === null ? '–' : `${formatNumber(mean)} ± ${formatNumber(std)}`),
  },
]

const Missing = ({ count, rows }: { count: number; rows: number }) => {
  if (count === 0) return <span class="muted">0</span>
  const share = (100 * count) / rows
  return (
    <span class="nowrap">
      {formatNumber(count)} <span class="muted">({share < 0.1 ? '<0.1' : share.toFixed(1)} %)</span>
    </span>
  )
}

/** A histogram of numbers and times, the most frequent levels of texts. */
const Spread = ({ column: { name, histogram, levels, levelCount = 0 } }: { column: Column }) => {
  if (histogram) {
    const { edges, counts } = histogram
    const bars = counts.map((value, at) => ({ value, name: `${shownOf(edges[at])} to ${shownOf(edges[at + 1])}` }))
    return <Bars bars={bars} label={`Histogram of ${name}, from ${shownOf(edges[0])} to ${shownOf(edges.at(-1))}`} />
  }
  if (!levels || levels.length === 0) return <span class="muted">–</span>
  const most = levels[0]?.count ?? 1
  return (
    <ul class="levels" aria-label={`Levels of ${name}`}>
      {levels.slice(0, 4).map(({ value, count }) => (
        <li key={value}>
          <span class="level-bar" style={{ width: `${(count / most) * 100}%` }} />
          <span class="level-name">{value}</span>
          <span class="level-count">{formatNumber(count)}</span>
        </li>
      ))}
      {levelCount > 4 && <li class="muted">and {formatNumber(levelCount - 4)} more</li>}
    </ul>
  )
}

/** Dates come in words. */
const shownOf = (value: number | string | null | undefined): string => (typeof value === 'string' ? value : formatNumber(value))
