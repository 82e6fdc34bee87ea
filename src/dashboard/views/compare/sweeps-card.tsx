/** The sweeps of the service, each with a link to its comparison. */
import { get } from '../../api/client.ts'
import type { Page, SweepSummary } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { Pager, useCursor } from '../../components/pager.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatAgo } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { settingText } from './differences.ts'

export const SweepsCard = () => {
  const after = useCursor()
  const query = new URLSearchParams({ limit: '20', ...(after && { after }) })
  const { data, error, reload } = useQuery((signal) => get<Page<SweepSummary>>(`/sweeps?${query}`, { signal }), [String(query)])
  return (
    <>
      <p class="muted">
        Choose jobs in the <a href="/jobs">list of jobs</a> to compare them, or a sweep:
      </p>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      <Card title="Sweeps" flush>
        <Table
          caption="Sweeps, newest first"
          columns={columns}
          rows={data?.data ?? []}
          keyOf={({ id }) => id}
          empty={data ? 'No sweeps yet.' : 'Loading …'}
        />
        <Pager nextCursor={data?.nextCursor ?? null} />
      </Card>
    </>
  )
}

const columns: TableColumn<SweepSummary>[] = [
  {
    key: 'id',
    head: 'Sweep',
    header: true,
    cell: ({ id }) => (
      <a class="mono nowrap" href={`/compare?sweep=${id}`}>
        {id}
      </a>
    ),
  },
  { key: 'status', head: 'Status', cell: ({ status }) => <span class={`badge ${status === 'running' ? 'busy' : 'good'}`}>{status}</span> },
  {
    key: 'grid',
    head: 'Varies',
    cell: ({ grid }) => (
      <ul class="grid-paths">
        {Object.entries(grid).map(([path, values]) => (
          <li key={path}>
            <code>{path}</code> <span class="muted">{settingText(values)}</span>
          </li>
        ))}
      </ul>
    ),
  },
  {
    key: 'jobs',
    head: 'Jobs',
    cell: ({ jobCounts }) =>
      Object.entries(jobCounts)
        .filter(([, count]) => count > 0)
        .map(([status, count]) => `${count} ${status}`)
        .join(', '),
  },
  {
    key: 'created',
    head: 'Created',
    class: 'wide',
    cell: ({ createdAt }) => (
      <time class="nowrap muted" dateTime={createdAt} title={createdAt}>
        {formatAgo(createdAt)}
      </time>
    ),
  },
]
