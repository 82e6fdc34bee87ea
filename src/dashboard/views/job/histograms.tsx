/** How the values of one parameter, and of its gradient, lie epoch by epoch. */
import { useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { EpochHistogram, Histograms as HistogramsAnswer, Job } from '../../api/types.ts'
import { ChartTable } from '../../components/chart-table.tsx'
import { HeatMap } from '../../components/heat-map.tsx'
import { ErrorNotice } from '../../components/notice.tsx'
import { formatNumber } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { useSight } from '../../hooks/use-sight.ts'
import { isFinal } from './status.ts'

/** Epochs and bins of a chart: more of them cannot be told apart. */
const maxPoints = 40
const bins = 30
/** Milliseconds between two looks while the job trains. */
const readMs = 20_000

/** Both, where values are recorded. */
export const Histograms = ({ job }: { job: Job }) => {
  const { record } = job.config
  if (job.progress.epoch === 0) return null
  return (
    <div class="grid-2">
      {(record?.weights === 'everyEpoch' || isFinal(job.status)) && <Spread job={job} of="weights" />}
      {record?.gradients === 'full' && <Spread job={job} of="gradients" />}
    </div>
  )
}

const charts = { weights: 'weightHistograms', gradients: 'gradientHistograms' }

const Spread = ({ job, of }: { job: Job; of: 'weights' | 'gradients' }) => {
  const [parameter, setParameter] = useState<string | undefined>()
  const { box, seen } = useSight<HTMLElement>()
  const ended = isFinal(job.status)
  const query = new URLSearchParams({ of, bins: String(bins), maxPoints: String(maxPoints), ...(parameter && { parameter }) })
  const { data, error, reload } = useQuery(
    async (signal) => (seen ? get<HistogramsAnswer>(`/jobs/${job.id}/histograms?${query}`, { signal }) : undefined),
    [job.id, String(query), seen, ended],
    { pollMs: () => (ended || !seen ? null : readMs) },
  )
  const shown = data?.data.filter(hasValues) ?? []
  const title = `Histograms of ${of}`
  const name = `${of} of ${data?.parameter ?? 'a parameter'}`
  return (
    <section class="card chart" data-chart={charts[of]} aria-label={title} ref={box}>
      <div class="card-head">
        <h2>{title}</h2>
        {data && data.parameters.length > 1 && (
          <select
            aria-label={`Parameter of the ${of}`}
            value={data.parameter ?? ''}
            onChange={(event) => setParameter(event.currentTarget.value)}
          >
            {data.parameters.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </div>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      {shown.length > 0 ? (
        <HeatMap
          columns={shown.map(({ epoch, min, max, counts }) => ({ x: epoch, min, max, counts }))}
          label={`How the ${name} lie in ${formatNumber(shown.length)} epochs`}
          xLabel="epoch"
        />
      ) : (
        <p class="muted card-body">{data ? 'No finite values are recorded yet.' : 'Loading …'}</p>
      )}
      {shown.length > 0 && <ChartTable title={title} x={shown.map(({ epoch }) => epoch)} xLabel="epoch" series={columnsOf(shown)} />}
    </section>
  )
}

type Filled = EpochHistogram & { min: number; max: number }

const hasValues = (histogram: EpochHistogram): histogram is Filled => histogram.min !== null && histogram.max !== null

const columnsOf = (shown: Filled[]) => [
  { label: 'smallest', values: shown.map(({ min }) => min) },
  { label: 'median, about', values: shown.map(medianOf) },
  { label: 'largest', values: shown.map(({ max }) => max) },
  { label: 'values', values: shown.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)) },
  { label: 'not finite', values: shown.map(({ notFinite }) => notFinite) },
]

/** The middle of the bin in which the middle value is. */
const medianOf = ({ min, max, counts }: Filled): number => {
  const half = counts.reduce((sum, count) => sum + count, 0) / 2
  let below = 0
  const at = counts.findIndex((count) => {
    below += count
    return below >= half
  })
  return min + ((max - min) * (at + 0.5)) / counts.length
}
