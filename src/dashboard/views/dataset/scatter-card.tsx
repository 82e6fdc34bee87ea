/** Two columns against each other, in a sample of the rows. */
import { get } from '../../api/client.ts'
import type { Column, Dataset, RowsPage } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { Field } from '../../components/field.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { Scatter, type ScatterPoint } from '../../components/scatter.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'

/** Rows that are drawn, in stretches spread over the table, since tables are often sorted; and cells that come for it. */
const maxRows = 1000
const stretches = 5
const maxCells = 200_000
/** Columns to choose from, and colors of levels. */
const maxChoices = 500
const maxColors = 8

export const ScatterCard = ({ dataset: { id, rows, columns } }: { dataset: Dataset }) => {
  const [search, change] = useSearch()
  const numbers = columns.filter(isNumber).slice(0, maxChoices)
  const groups = columns.filter(({ levels, levelCount = 0 }) => levels && levelCount <= maxColors).slice(0, maxChoices)
  const pick = (name: string, fallback: Column | undefined): string => search.get(name) ?? fallback?.name ?? ''
  const [x, y, color] = [pick('x', numbers[0]), pick('y', numbers[1] ?? numbers[0]), pick('color', groups[0])]
  const limit = Math.min(maxRows, Math.floor(maxCells / columns.length))
  const { data, error, reload } = useQuery((signal) => sampleRows(id, { rows, limit, signal }), [id, rows, limit])

  if (numbers.length === 0 || limit === 0) return null
  const levels = columns.find(({ name }) => name === color)?.levels?.map(({ value }) => value) ?? []
  const points = (data ?? []).flatMap((row): ScatterPoint[] => {
    const [at, value] = [row[x], row[y]]
    if (typeof at !== 'number' || typeof value !== 'number') return []
    return [{ x: at, y: value, color: levels.indexOf(String(row[color])) + 1 || 1 }]
  })

  return (
    <Card title="Scatter">
      <div class="choices">
        <Choice label="Across" value={x} columns={numbers} onChange={(name) => change({ x: name })} />
        <Choice label="Up" value={y} columns={numbers} onChange={(name) => change({ y: name })} />
        {groups.length > 0 && <Choice label="Color" value={color} columns={groups} onChange={(name) => change({ color: name })} />}
      </div>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <Scatter points={points} xLabel={x} yLabel={y} />
      <p class="muted scatter-note">
        {data ? `${formatNumber(points.length)} of ${formatNumber(rows)} rows` : 'Loading …'}
        {levels.map((level, at) => (
          <span key={level} class={`legend-item series-${at + 1}`}>
            {level}
          </span>
        ))}
      </p>
    </Card>
  )
}

type ChoiceProps = { label: string; value: string; columns: Column[]; onChange: (name: string) => void }

const Choice = ({ label, value, columns, onChange }: ChoiceProps) => (
  <Field label={label}>
    {(field) => (
      <select {...field} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    )}
  </Field>
)

const isNumber = ({ type }: Column): boolean => type === 'number' || type === 'integer'

type Sampling = { rows: number; limit: number; signal: AbortSignal }

const sampleRows = async (id: string, { rows, limit, signal }: Sampling): Promise<RowsPage['data']> => {
  if (limit === 0) return []
  const count = rows <= limit ? 1 : Math.min(stretches, limit)
  const each = Math.floor(Math.min(limit, rows) / count)
  const pages = await Promise.all(
    Array.from({ length: count }, (_, at) => {
      const offset = count === 1 ? 0 : Math.floor((at * (rows - each)) / (count - 1))
      return get<RowsPage>(`/datasets/${id}/rows?offset=${offset}&limit=${each}`, { signal })
    }),
  )
  return pages.flatMap(({ data }) => data)
}
