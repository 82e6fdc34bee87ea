/** The rows as they were uploaded, some at a time. */
import { useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Dataset, RowsPage } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { Steps } from '../../components/steps.tsx'
import { Table } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'

/** Columns that are shown at once, and cells that an answer may have: the service sends whole rows. */
const columnsAtOnce = 24
const maxCells = 20_000

export const RowsCard = ({ dataset: { id, rows, columns } }: { dataset: Dataset }) => {
  const [search, change] = useSearch()
  const [firstColumn, setFirstColumn] = useState(0)
  const limit = Math.max(1, Math.min(20, Math.floor(maxCells / columns.length)))
  const offset = Math.max(0, Math.min(rows - 1, Math.floor(Number(search.get('offset')) || 0)))
  const { data, error, reload } = useQuery(
    (signal) => get<RowsPage>(`/datasets/${id}/rows?offset=${offset}&limit=${limit}`, { signal }),
    [id, offset, limit],
  )
  const shown = columns.slice(firstColumn, firstColumn + columnsAtOnce)
  const numbered = (data?.data ?? []).map((row, at) => ({ row, number: (data?.offset ?? 0) + at + 1 }))
  return (
    <Card title="Rows" flush>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <Table
        caption="Rows as they were uploaded"
        columns={[
          { key: 'row number', head: 'Row', header: true, class: 'muted', cell: ({ number }) => formatNumber(number) },
          ...shown.map(({ name, type }) => ({
            key: `column ${name}`,
            head: name,
            number: type === 'number' || type === 'integer',
            cell: ({ row }: (typeof numbered)[number]) => <CellText value={row[name]} />,
          })),
        ]}
        rows={numbered}
        keyOf={({ number }) => number}
        empty={data ? 'No rows.' : 'Loading …'}
      />
      <Steps
        name="rows"
        from={offset}
        shown={numbered.length || limit}
        total={rows}
        size={limit}
        onChange={(next) => change({ offset: next === 0 ? undefined : String(next) })}
      />
      <Steps name="columns" from={firstColumn} shown={shown.length} total={columns.length} size={columnsAtOnce} onChange={setFirstColumn} />
    </Card>
  )
}

/** Letters of a cell that are shown. */
const maxLetters = 80

const CellText = ({ value }: { value: RowsPage['data'][number][string] | undefined }) => {
  if (value === null || value === undefined) return <span class="muted">missing</span>
  const text = String(value)
  return text.length > maxLetters ? <span title={text.slice(0, 2000)}>{text.slice(0, maxLetters)}…</span> : text
}
