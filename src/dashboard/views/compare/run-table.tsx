/** The jobs of a comparison: what they came to, in what they differ, and which is best. */
import { Card } from '../../components/card.tsx'
import { orderOf, orderText } from '../../components/sort-rows.ts'
import { StatusBadge } from '../../components/status-badge.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { navigate, useSearch } from '../../router.ts'
import type { Point } from './align.ts'
import { settingText } from './differences.ts'
import { type Better, bestOf } from './metric.ts'
import type { Run } from './runs.ts'

/** A curve as it is drawn, and points of all of its epochs. */
export type RunCurve = { points: Point[]; last: Point | null; min: Point | null; max: Point | null; best: Point | null }

type Props = {
  runs: Run[]
  curves: ReadonlyMap<string, RunCurve>
  metric: string
  better: Better
  /** Settings that differ, and how many others do. */
  paths: string[]
  left: number
  removable: boolean
}

type Row = { run: Run; number: number; curve: RunCurve | undefined }

export const RunTable = ({ runs, curves, metric, better, paths, left, removable }: Props) => {
  const [search, change] = useSearch()
  const rows = runs.map((run, at): Row => ({ run, number: at + 1, curve: curves.get(run.id) }))
  const marked = bestOf(
    { metric, better },
    rows.map(({ run, curve }) => ({ ...run, value: curve?.best?.[1] ?? null })),
  )
  // What is neither better nor worse has a smallest and a largest value all the same.
  const shown: ('best' | 'min' | 'max')[] = better === null ? ['min', 'max'] : ['best']

  const columns: TableColumn<Row>[] = [
    {
      key: 'number',
      head: '#',
      class: 'nowrap',
      sortBy: ({ number }) => number,
      cell: ({ number }) => <span class={`legend-item series-${((number - 1) % 8) + 1}`}>{number}</span>,
    },
    {
      key: 'job',
      head: 'Job',
      header: true,
      sortBy: ({ run }) => run.id,
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
      ? [{ key: 'rank', head: 'Rank', number: true, sortBy: ({ run }: Row) => run.rank, cell: ({ run }: Row) => formatNumber(run.rank) }]
      : []),
    { key: 'status', head: 'Status', sortBy: ({ run }) => run.status, cell: ({ run }) => <StatusBadge status={run.status} /> },
    { key: 'epochs', head: 'Epochs', number: true, sortBy: ({ run }) => run.epochs, cell: ({ run }) => formatNumber(run.epochs) },
    {
      key: 'last',
      head: `Last ${metric}`,
      number: true,
      sortBy: ({ curve }) => curve?.last?.[1],
      cell: ({ curve }) => formatNumber(curve?.last?.[1], 5),
    },
    ...shown.map(
      (which): TableColumn<Row> => ({
        key: which,
        head: `${heads[which]} ${metric}`,
        number: true,
        class: 'nowrap',
        sortBy: ({ curve }) => curve?.[which]?.[1],
        cell: ({ curve }) => <InEpoch point={curve?.[which] ?? null} />,
      }),
    ),
    ...paths.map((path) => ({
      key: path,
      head: <code>{path}</code>,
      sortBy: ({ run }: Row) => run.settings[path],
      cell: ({ run }: Row) => <span class="nowrap">{settingText(run.settings[path])}</span>,
    })),
    ...(removable && runs.length > 1
      ? [{ key: 'remove', head: <span class="visually-hidden">Remove</span>, cell: ({ run }: Row) => <Remove id={run.id} /> }]
      : []),
  ]
  return (
    <Card title="Jobs" flush>
      <Table
        caption="Jobs side by side"
        columns={columns}
        rows={rows}
        keyOf={({ run }) => run.id}
        empty="No jobs."
        order={orderOf(search.get('sort'))}
        onOrder={(order) => change({ sort: orderText(order) })}
      />
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

const heads = { best: 'Best', min: 'Smallest', max: 'Largest' }

/** A value and the epoch that it is of. */
const InEpoch = ({ point }: { point: Point | null }) =>
  point ? (
    <>
      {formatNumber(point[1], 5)} <span class="muted">in {formatNumber(point[0])}</span>
    </>
  ) : (
    <>–</>
  )
