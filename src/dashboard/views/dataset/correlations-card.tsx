/** How the columns go with one of them, the closest first. */
import { get } from '../../api/client.ts'
import type { Correlations, Dataset } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/field.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'

/** Columns that can be chosen, and that are shown. */
const maxChoices = 500
const maxShown = 15

type Correlation = Correlations['data'][number]

export const CorrelationsCard = ({ dataset: { id, columns } }: { dataset: Dataset }) => {
  const [search, change] = useSearch()
  const choices = columns.filter(({ type, stored }) => type !== 'text' && stored !== false).slice(0, maxChoices)
  // Tables mostly end with what is to be predicted.
  const label = search.get('label') ?? (choices.find(({ role }) => role === 'label') ?? choices.at(-1))?.name
  const { data, error, reload } = useQuery(
    async (signal) =>
      label === undefined ? undefined : get<Correlations>(`/datasets/${id}/correlations?${new URLSearchParams({ label })}`, { signal }),
    [id, label],
  )
  if (label === undefined || columns.length < 2) return null
  const sorted = (data?.data ?? []).toSorted((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0))
  return (
    <Card title="Correlations" flush>
      <div class="choices card-body">
        <Field label="With">
          {(field) => (
            <select {...field} value={label} onChange={(event) => change({ label: event.currentTarget.value })}>
              {choices.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <Table
        caption={`How columns go with ${label}`}
        columns={tableColumns}
        rows={sorted.slice(0, maxShown)}
        keyOf={({ column }) => column}
        empty={data ? 'No other column.' : 'Loading …'}
      />
      {sorted.length > maxShown && <p class="muted more">and {formatNumber(sorted.length - maxShown)} that go with it less</p>}
    </Card>
  )
}

const measures = { pearson: "Pearson's r", correlationRatio: 'correlation ratio η', cramersV: "Cramér's V" }

const tableColumns: TableColumn<Correlation>[] = [
  { key: 'column', head: 'Column', header: true, cell: ({ column }) => <b class="column-name">{column}</b> },
  {
    key: 'bar',
    head: <span class="visually-hidden">Bar</span>,
    class: 'strength',
    cell: ({ value }) => (
      <span class="strength-track" aria-hidden="true">
        <span class={`strength-bar ${(value ?? 0) < 0 ? 'negative' : ''}`} style={{ width: `${Math.abs(value ?? 0) * 100}%` }} />
      </span>
    ),
  },
  { key: 'value', head: 'Value', number: true, cell: ({ value }) => formatNumber(value, 3) },
  {
    key: 'measure',
    head: 'Measure',
    class: 'nowrap muted',
    cell: ({ measure }) => (measure === null ? 'none for text' : measures[measure]),
  },
]
