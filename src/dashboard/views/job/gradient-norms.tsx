/** The gradient norm of each parameter over the epochs. */
import { useMemo, useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Gradient, Job } from '../../api/types.ts'
import { Chart } from '../../components/chart.tsx'
import type { ChartSeries } from '../../components/plot.ts'
import { toPoint } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { isFinal } from './status.ts'

/** Epochs of the chart, and parameters that it shows at a time. */
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
  const { x, all } = useMemo(() => toSeries(data ?? []), [data])
  const [from, setFrom] = useState(0)
  const series = useMemo(() => all.slice(from, from + maxParameters), [all, from])
  if (x.length === 0) return null
  return (
    <Chart
      metric="gradients"
      title="Gradient norm of each parameter"
      x={x}
      series={series}
      log
      choice={
        all.length > maxParameters && (
          <select
            aria-label="Parameters of the gradient norms"
            value={String(from)}
            onChange={(event) => setFrom(Number(event.currentTarget.value))}
          >
            {all.flatMap(({ label }, at) =>
              at % maxParameters === 0
                ? [
                    <option key={label} value={String(at)}>
                      {at + 1} to {Math.min(at + maxParameters, all.length)} of {all.length}: {label} …
                    </option>,
                  ]
                : [],
            )}
          </select>
        )
      }
    />
  )
}

const toSeries = (gradients: Gradient[]): { x: number[]; all: ChartSeries[] } => {
  const x = [...new Set(gradients.map(({ epoch }) => epoch))]
  const places = new Map(x.map((epoch, at) => [epoch, at]))
  const series = new Map<string, (number | null)[]>()
  for (const { epoch, parameter, norm } of gradients) {
    const values = series.get(parameter) ?? x.map(() => null)
    values[places.get(epoch) ?? 0] = toPoint(norm)
    series.set(parameter, values)
  }
  return { x, all: [...series].map(([label, values], at) => ({ label, values, color: (at % maxParameters) + 1 })) }
}
