/** What a job that has ended predicts for whole datasets: asked for here, watched, and saved as files. */
import { useState } from 'preact/hooks'
import { download, get, send } from '../../api/client.ts'
import type { DatasetPrediction, Job, Page } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { Table } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { AskForDataset } from './ask-for-dataset.tsx'

/** Milliseconds between two looks while one has not ended, and at most if it gets no further. */
const pollMs = 700
const maxPollMs = 5000
/** The newest that are shown. */
const maxShown = 20

const formats = ['ndjson', 'csv'] as const

export const DatasetPredictions = ({ job }: { job: Job }) => {
  const [failure, setFailure] = useState<unknown>()
  const { data, error, reload } = useQuery(
    (signal) => get<Page<DatasetPrediction>>(`/predictions?job=${job.id}&limit=${maxShown}`, { signal }),
    [job.id],
    { pollMs: (page, unchanged) => (page?.data.some(isGoingOn) ? Math.min(maxPollMs, pollMs * 1.2 ** unchanged) : null) },
  )
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work
      setFailure(undefined)
    } catch (thrown) {
      setFailure(thrown)
    }
    reload()
  }
  const save = (id: string, format: string) => attempt(download(`/predictions/${id}/rows?format=${format}`, `${id}.${format}`))
  return (
    <Card title="Predictions for datasets">
      <AskForDataset job={job} onAsk={(body) => attempt(send('POST', `/jobs/${job.id}/predictions`, body))} />
      {[failure, error].map((one, at) => one !== undefined && <ErrorNotice key={at ? 'read' : 'asked'} error={one} />)}
      {data && data.data.length > 0 && (
        <Table
          caption="Predictions for datasets"
          rows={data.data}
          keyOf={({ id }) => id}
          columns={[
            { key: 'dataset', head: 'Dataset', header: true, cell: ({ dataset }) => <DatasetLink dataset={dataset} /> },
            { key: 'status', head: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
            { key: 'rows', head: 'Rows', number: true, cell: (prediction) => <Progress prediction={prediction} /> },
            { key: 'output', head: 'Output', cell: ({ output }) => output },
            { key: 'metrics', head: 'Metrics', cell: metricsOf },
            {
              key: 'actions',
              head: 'Files',
              cell: ({ id, status }) => (
                <div class="actions">
                  {status === 'succeeded' &&
                    formats.map((format) => (
                      <button key={format} type="button" class="button small" onClick={() => void save(id, format)}>
                        {format.toUpperCase()}
                      </button>
                    ))}
                  <button
                    type="button"
                    class="button small danger writes"
                    onClick={() => void attempt(send('DELETE', `/predictions/${id}`))}
                  >
                    Delete
                  </button>
                </div>
              ),
            },
          ]}
        />
      )}
    </Card>
  )
}

const isGoingOn = ({ finishedAt }: DatasetPrediction): boolean => finishedAt === null

const DatasetLink = ({ dataset }: Pick<DatasetPrediction, 'dataset'>) =>
  'id' in dataset ? <a href={`/datasets/${dataset.id}`}>…{dataset.id.slice(-8)}</a> : <>generated</>

const Progress = ({ prediction }: { prediction: DatasetPrediction }) => {
  const { rows, of, fraction } = prediction.progress
  if (!isGoingOn(prediction)) return <>{formatNumber(of)}</>
  return (
    <>
      {formatNumber(rows)} / {formatNumber(of)}
      <progress class="meter" max={1} value={fraction} aria-label="Rows that are done" />
    </>
  )
}

/** The loss before the metrics; of one that failed why. */
const metricsOf = ({ metrics, error }: DatasetPrediction): string => {
  const { loss, ...others } = metrics ?? {}
  const told = Object.entries(loss === undefined ? others : { loss, ...others })
  return error?.message ?? told.map(([name, value]) => `${name} ${formatNumber(value)}`).join(', ')
}
