/** What a job predicts for some rows of its dataset, over what their labels say: on the diagonal where it is right. */
import { get, send } from '../../api/client.ts'
import { isAbort } from '../../api/problem.ts'
import type { Batch, Dataset, Job, Predictions } from '../../api/types.ts'
import { Card } from '../../components/card.tsx'
import { Scatter, type ScatterPoint } from '../../components/scatter.tsx'
import { Table } from '../../components/table.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'

/** Rows that are predicted for, and the most cells that they may have. */
const maxRows = 300
const maxCells = 60_000

type Compared = { label: string; points: ScatterPoint[] }

export const PredictedLabels = ({ job }: { job: Job }) => {
  // An ornament: models that cannot be asked so, or data that has gone, leave it out.
  const { data } = useQuery(
    (signal) =>
      compare(job, signal).catch((error: unknown) => {
        if (isAbort(error)) throw error
        return null
      }),
    [job.id],
  )
  if (!data) return null
  return (
    <div data-chart="predictions">
      <Card title={`Predictions against labels (${data.label})`}>
        <Scatter points={data.points} xLabel="label" yLabel="prediction" diagonal />
        <details>
          <summary>Table of the first rows</summary>
          <Table
            caption="Predictions against labels"
            rows={data.points.slice(0, 50).map((point, at) => ({ ...point, at }))}
            keyOf={({ at }) => at}
            columns={[
              { key: 'x', head: 'Label', number: true, header: true, cell: ({ x }) => formatNumber(x) },
              { key: 'y', head: 'Prediction', number: true, cell: ({ y }) => formatNumber(y) },
              { key: 'error', head: 'Difference', number: true, cell: ({ x, y }) => formatNumber(x - y, 3) },
            ]}
          />
        </details>
      </Card>
    </div>
  )
}

/** Null if labels or predictions are no numbers. */
const compare = async (job: Job, signal: AbortSignal): Promise<Compared | null> => {
  const batch = await readBatch(job, signal)
  const { features, label } = columnsOf(job, batch)
  const rows = (batch?.rows ?? []).filter((row) => typeof row[label] === 'number')
  if (features.length === 0 || rows.length < 2) return null
  const inputs = rows.map((row) => Object.fromEntries(features.map((name) => [name, row[name] ?? null])))
  const answer = await send<Predictions>('POST', `/jobs/${job.id}/predictions`, { rows: inputs, output: 'raw' }, { signal })
  const points = (answer?.predictions ?? []).flatMap((prediction, at): ScatterPoint[] => {
    const [y, x] = [[prediction].flat()[0], rows[at]?.[label]]
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : []
  })
  return points.length > 1 ? { label, points } : null
}

/** Some rows of the job's dataset; undefined if not even two are few enough cells. */
const readBatch = async ({ dataset: { id } }: Job, signal: AbortSignal): Promise<Batch | undefined> => {
  const { columnCount } = await get<Dataset>(`/datasets/${id}`, { signal })
  const batchSize = Math.min(maxRows, Math.floor(maxCells / columnCount))
  return batchSize < 2 ? undefined : get<Batch>(`/datasets/${id}/batch?batchSize=${batchSize}&seed=1`, { signal })
}

/** What the config says, else what the dataset does; no features if the job takes two inputs. */
const columnsOf = ({ config }: Job, batch: Batch | undefined): { features: string[]; label: string } => {
  const said: { features?: unknown; labels?: unknown } = 'id' in config.dataset ? config.dataset : {}
  const names = (value: unknown, fallback: string[] = []): string[] => (Array.isArray(value) ? value.map(String) : value ? [] : fallback)
  return { features: names(said.features, batch?.featureNames), label: names(said.labels, batch?.labelNames)[0] ?? '' }
}
