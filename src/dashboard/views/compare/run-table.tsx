/** The jobs of a comparison: what they came to, in what they differ, and which is best. */
import { Card } from '../../components/card.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { navigate, useSearch } from '../../router.ts'
import type { Point } from './align.ts'
import { settingText } from './differences.ts'
import { bestOf, bestValue, directionOf } from './metric.ts'
import type { Run } from './runs.ts'

type Props = {
  runs: Run[]
  curves: ReadonlyMap<string, Point[]>
  metric: string
  /** Settings that differ, and how many others do. */
  paths: string[]
  left: number
  removable: boolean
}

type Row = { run: Run; number: number; last: number | null; best: Point | undefined }

export const RunTable = ({ runs, curves, metric, paths, left, removable }: Props) => {
  const direction = directionOf(metric)
  const rows = runs.map((run, at) => rowOf(run, { number: at + 1, points: curves.get(run.id) ?? [], direction }))
  const marked = bestOf(
    metric,
    rows.map(({ run, best }) => ({ ...run, value: best?.[1] ?? null })),
  )

  const columns: TableColumn<Row>[] = [
    {
      key: 'number',
      head: '#',
      class: 'nowrap',
      cell: ({ number }) => <span class={`legend-item series-${((number - 1) % 8) + 1}`}>{number}</span>,
    },
    {
      key: 'job',
      head: 'Job',
      header: true,
      cell: ({ run: { id } }) => (
        <span class="nowrap">
          <a class="mono" href={`/jobs/${id}`}>
            {id}
          </a>{' '}
          {id === marked && <span class="badge good">best</span>}
        </span>
      ),
    },
    ...(runs.some(({ rank }) => rank !== null)
      ? [{ key: 'rank', head: 'Rank', number: true, cell: ({ run }: Row) => formatNumber(run.rank) }]
      : []),
    { key: 'status', head: 'Status', cell: ({ run }) => <StatusBadge status={run.status} /> },
    { key: 'epochs', head: 'Epochs', number: true, cell: ({ run }) => formatNumber(run.epochs) },
    { key: 'last', head: `Last ${metric}`, number: true, cell: ({ last }) => formatNumber(last, 5) },
    ...(direction
      ? [
          {
            key: 'best',
            head: `Best ${metric}`,
            number: true,
            class: 'nowrap',
            cell: ({ best }: Row) =>
              best ? (
                <>
                  {formatNumber(best[1], 5)} <span class="muted">in {formatNumber(best[0])}</span>
                </>
              ) : (
                '–'
              ),
          },
        ]
      : []),
    ...paths.map((path) => ({
      key: `setting ${path}`,
      head: <code>{path}</code>,
      cell: ({ run }: Row) => <span class="nowrap">{settingText(run.settings[path])}</span>,
    })),
    ...(removable && runs.length > 1
      ? [{ key: 'remove', head: <span class="visually-hidden">Remove</span>, cell: ({ run }: Row) => <Remove id={run.id} /> }]
      : []),
  ]
  return (
    <Card title="Jobs" flush>
      <Table caption="Jobs side by side" columns={columns} rows={rows} keyOf={({ run }) => run.id} empty="No jobs." />
      {left > 0 && <p class="muted more">They differ in {left} more settings.</p>}
    </Card>
  )
}

const Remove = ({ id }: { id: string }) => {
  const [search] = useSearch()
  const remove = (): void => {
    const next = new URLSearchParams([...search].filter(([name, value]) => name !== 'job' || value !== id))
    navigate(`/compare?${next}`)
  }
  return (
    <button type="button" class="button small quiet" aria-label={`Take ${id} out of the comparison`} onClick={remove}>
      ×
    </button>
  )
}

type Of = { number: number; points: Point[]; direction: 'min' | 'max' | undefined }

const rowOf = (run: Run, { number, points, direction }: Of): Row => {
  const value = bestValue(
    points.map(([, at]) => at),
    direction,
  )
  return { run, number, last: points.at(-1)?.[1] ?? null, best: value === undefined ? undefined : points.find(([, at]) => at === value) }
}
