/** The datasets of a page, each with a link. */
import type { Dataset } from '../../api/types.ts'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatAgo, formatNumber } from '../../format.ts'

type Props = { datasets: Dataset[]; chosen: ReadonlySet<string>; onChoose: (ids: ReadonlySet<string>) => void; empty: string }

export const DatasetTable = ({ datasets, chosen, onChoose, empty }: Props) => {
  const all = datasets.length > 0 && datasets.every(({ id }) => chosen.has(id))
  const toggle = (id: string): void => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChoose(next)
  }
  const columns: TableColumn<Dataset>[] = [
    {
      key: 'choose',
      head: (
        <input
          type="checkbox"
          aria-label="Choose all datasets of this page"
          checked={all}
          onChange={() => onChoose(all ? new Set() : new Set(datasets.map(({ id }) => id)))}
        />
      ),
      cell: ({ id }) => <input type="checkbox" aria-label={`Choose ${id}`} checked={chosen.has(id)} onChange={() => toggle(id)} />,
      class: 'choose',
    },
    {
      key: 'id',
      head: 'Dataset',
      header: true,
      cell: ({ id, name }) => (
        <>
          <a class="mono nowrap" href={`/datasets/${id}`}>
            {id}
          </a>
          {name !== null && <span class="dataset-name">{name}</span>}
        </>
      ),
    },
    {
      key: 'kind',
      head: 'From',
      cell: ({ kind, format, synthetic }) => (kind === 'synthetic' ? (synthetic?.kind ?? kind) : (format ?? kind)),
    },
    { key: 'rows', head: 'Rows', number: true, cell: ({ rows }) => formatNumber(rows) },
    { key: 'columns', head: 'Columns', cell: (dataset) => <Columns dataset={dataset} /> },
    { key: 'notes', head: 'Notes', number: true, cell: ({ notes }) => notes.length || '–', class: 'wide' },
    {
      key: 'created',
      head: 'Created',
      cell: ({ createdAt }) => (
        <time class="nowrap muted" dateTime={createdAt} title={createdAt}>
          {formatAgo(createdAt)}
        </time>
      ),
      class: 'wide',
    },
  ]
  return <Table caption="Datasets, newest first" columns={columns} rows={datasets} keyOf={({ id }) => id} empty={empty} />
}

const Columns = ({ dataset: { columns, columnCount } }: { dataset: Dataset }) => (
  <span class="column-names">
    <b>{formatNumber(columnCount)}</b>{' '}
    <span class="muted">
      {columns.slice(0, 6).map(({ name }, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <span>{name}</span>
        </span>
      ))}
      {columnCount > 6 && ', …'}
    </span>
  </span>
)
