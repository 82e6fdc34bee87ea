/** The gradient norm of each parameter over the epochs. */
import { useMemo } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Gradient, Job } from '../../api/types.ts'
import { Chart } from '../../components/chart.tsx'
import type { ChartSeries } from '../../components/plot.ts'
import { toPoint } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { isFinal } from './status.ts'

/** Epochs of the chart, and parameters: those that come first. */
const maxPoints = 500
const maxParameters = 8
/** Milliseconds between two looks while the job trains. */
const readMs = 8000

export const GradientNorms = ({ job }: { job: Job }) => {
  const wanted = job.progress.epoch > 0 && job.config.record?.gradients !== 'none'
  const { data } = useQuery(
    async (signal) =>
      wanted ? (await get<{ data: Gradient[] }>(`/jobs/${job.id}/gradients?reduce=norm&maxPoints=${maxPoints}`, { signal })).data : [],
    [job.id, wanted, isFinal(job.status)],
    { pollMs: () => (isFinal(job.status) || !wanted ? null : readMs) },
  )
  const { x, series, left } = useMemo(() => toSeries(data ?? []), [data])
  if (x.length === 0) return null
  return (
    <Chart
      metric="gradients"
      title={`Gradient norm of each parameter${left > 0 ? `, the first ${maxParameters} of ${maxParameters + left}` : ''}`}
      x={x}
      series={series}
      log
    />
  )
}

const toSeries = (gradients: Gradient[]): { x: number[]; series: ChartSeries[]; left: number } => {
  const x = [...new Set(gradients.map(({ epoch }) => epoch))]
  const places = new Map(x.map((epoch, at) => [epoch, at]))
  const series = new Map<string, (number | null)[]>()
  for (const { epoch, parameter, norm } of gradients) {
    const values = series.get(parameter) ?? x.map(() => null)
    values[places.get(epoch) ?? 0] = toPoint(norm)
    series.set(parameter, values)
  }
  const shown = [...series].slice(0, maxParameters).map(([label, values], at) => ({ label, values, color: at + 1 }))
  return { x, series: shown, left: series.size - shown.length }
}
