/** The jobs of a page, each with a link, what it does and how its loss falls. */
import type { Job } from '../../api/types.ts'
import { Sparkline } from '../../components/sparkline.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { Table, type TableColumn } from '../../components/table.tsx'
import { formatAgo, formatDuration, formatNumber } from '../../format.ts'
import type { Curves } from './curves.ts'

type Props = { jobs: Job[]; curves: Curves; chosen: ReadonlySet<string>; onChoose: (ids: ReadonlySet<string>) => void; empty: string }

export const JobTable = ({ jobs, curves, chosen, onChoose, empty }: Props) => {
  const all = jobs.length > 0 && jobs.every(({ id }) => chosen.has(id))
  const toggle = (id: string): void => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChoose(next)
  }
  // Those of other pages stay chosen.
  const toggleAll = (): void => {
    const next = new Set(chosen)
    for (const { id } of jobs) all ? next.delete(id) : next.add(id)
    onChoose(next)
  }
  const columns: TableColumn<Job>[] = [
    {
      key: 'choose',
      head: <input type="checkbox" aria-label="Choose all jobs of this page" checked={all} onChange={toggleAll} />,
      cell: ({ id }) => <input type="checkbox" aria-label={`Choose ${id}`} checked={chosen.has(id)} onChange={() => toggle(id)} />,
      class: 'choose',
    },
    {
      key: 'id',
      head: 'Job',
      header: true,
      cell: ({ id, metadata }) => (
        <>
          <a class="mono nowrap" href={`/jobs/${id}`}>
            {id}
          </a>
          <Metadata metadata={metadata} />
        </>
      ),
    },
    { key: 'status', head: 'Status', cell: ({ status }) => <StatusBadge status={status} />, class: 'status' },
    { key: 'progress', head: 'Progress', cell: (job) => <Progress job={job} />, class: 'progress' },
    {
      key: 'loss',
      head: 'Loss',
      cell: ({ id, progress }) => (
        <span class="loss">
          <Sparkline points={curves.get(id) ?? []} label={`Loss of ${id}, on a logarithmic scale`} />
          <span class="number">{formatNumber(progress.latestLoss)}</span>
        </span>
      ),
      class: 'loss-cell',
    },
    { key: 'trained', head: 'Trained', number: true, cell: ({ result }) => formatDuration(result?.seconds), class: 'wide nowrap' },
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
  return <Table caption="Jobs, newest first" columns={columns} rows={jobs} keyOf={({ id }) => id} empty={empty} />
}

/** How far a job is: a bar while it has something to do. */
const Progress = ({ job: { id, progress, queue, status } }: { job: Job }) => (
  <span class="progress-cell">
    <progress class="meter" max={1} value={progress.fraction} aria-label={`Progress of ${id}`} />
    <span class="muted nowrap">
      {status === 'queued' && queue?.position
        ? `place ${queue.position}`
        : `${formatNumber(progress.epoch)} / ${formatNumber(progress.epochs)}`}
    </span>
  </span>
)

const Metadata = ({ metadata }: { metadata: Record<string, unknown> }) => {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return null
  return (
    <span class="tags">
      {entries.slice(0, 3).map(([key, value]) => (
        <span key={key} class="tag">
          {key}={typeof value === 'string' ? value : JSON.stringify(value)}
        </span>
      ))}
      {entries.length > 3 && <span class="tag">+{entries.length - 3}</span>}
    </span>
  )
}
