/** Jobs that differ in one thing: their curves in one chart, and what came of each. */
import { useMemo } from 'preact/hooks'
import type { Weights } from '../../../api/types.ts'
import { Card } from '../../../components/card.tsx'
import { Chart } from '../../../components/chart.tsx'
import { Scatter } from '../../../components/scatter.tsx'
import { Table, type TableColumn } from '../../../components/table.tsx'
import { formatNumber } from '../../../format.ts'
import { align, type Point } from '../../compare/align.ts'
import { isLogarithmic } from '../../compare/metric.ts'
import type { AnswerOf } from '../answers.ts'
import type { Step } from '../chapters/chapter.ts'
import { pointsOf } from './data-answer.tsx'
import { labelOf } from './point-label.ts'

type SweepAnswerOf = AnswerOf<'sweep'>
type Run = SweepAnswerOf['sweep']['jobs'][number] & { label: string; color: number; last: number | null; weights: Weights | undefined }

type Props = { answer: SweepAnswerOf; truth: Step['truth']; data: AnswerOf<'data'> | undefined }

/** Jobs in the chart and the table. */
const maxRuns = 20
/** How many times its first value a curve may end at and still be drawn. */
const maxGrowth = 100

export const SweepAnswer = ({ answer, truth, data }: Props) => {
  const { sweep, metric, better, curves } = answer
  const { runs, diverged, x, series } = useMemo(() => {
    const all = runsOf(answer)
    // One of them would leave no room for the others on any scale.
    const drawn = all.filter(({ jobId, error }) => error?.code !== 'LOSS_DIVERGED' && !isRunaway(curves.get(jobId) ?? []))
    const { x: epochs, values } = align(drawn.map(({ jobId }) => curves.get(jobId) ?? []))
    const lines = drawn.map(({ label, color }, at) => ({ label, values: values[at] ?? [], color, dash: Math.floor(at / 8) }))
    return { runs: all, diverged: all.length - drawn.length, x: epochs, series: lines }
  }, [answer])
  const ids = runs.map(({ jobId }) => jobId)
  return (
    <>
      {data && truth && runs.some(({ weights }) => weights) && <Lines runs={runs} data={data} />}
      {x.length > 0 && (
        <Chart metric={metric} title={`${metric} by epoch`} x={x} series={series} log={isLogarithmic(metric, better)} height={260} />
      )}
      <Card
        title={sweep.status === 'finished' ? 'What came of them' : 'Training …'}
        actions={<a href={`/compare?sweep=${sweep.id}`}>Compare {ids.length} jobs</a>}
        flush
      >
        <Table caption="What came of each job" rows={runs} keyOf={({ jobId }) => jobId} columns={columnsFor(runs, metric, truth)} />
        {diverged > 0 && <p class="table-note muted">A curve that runs away upwards is not drawn.</p>}
      </Card>
    </>
  )
}

/** True of a curve that ends far above where it began. */
const isRunaway = (points: Point[]): boolean => Number(points.at(-1)?.[1]) > maxGrowth * Number(points[0]?.[1])

const runsOf = ({ sweep, curves, weights }: SweepAnswerOf): Run[] =>
  sweep.jobs
    .toSorted((a, b) => a.position - b.position)
    .slice(0, maxRuns)
    .map((job, at) => ({
      ...job,
      label: labelOf(job.point),
      color: (at % 8) + 1,
      last: curves.get(job.jobId)?.at(-1)?.[1] ?? null,
      weights: weights.get(job.jobId),
    }))

/** Columns of which no job has anything are left out. */
const columnsFor = (runs: Run[], metric: string, truth: Step['truth']): TableColumn<Run>[] => {
  const columns: (TableColumn<Run> & { wanted?: boolean })[] = [
    {
      key: 'label',
      head: 'Job',
      header: true,
      cell: ({ label, color, jobId }) => (
        <span class={`legend-item series-${color}`}>
          <a href={`/jobs/${jobId}`}>{label}</a>
        </span>
      ),
    },
    {
      key: 'loss',
      head: 'loss',
      number: true,
      cell: ({ loss, error, status }) => (error ? error.code : loss === null ? status : formatNumber(loss)),
    },
    { key: metric, head: metric, number: true, wanted: metric !== 'loss', cell: ({ last }) => formatNumber(last) },
    {
      key: 'error',
      head: 'Furthest from the truth',
      number: true,
      wanted: runs.some(({ estimationError }) => estimationError),
      cell: ({ estimationError }) => formatNumber(furthest(estimationError), 3),
    },
    {
      key: 'learned',
      head: truth ? `w, b (true: ${truth.weights.join(', ')}, ${truth.bias})` : '',
      number: true,
      wanted: truth !== undefined && runs.some(({ weights }) => weights),
      cell: ({ weights }) => weights?.parameters.flatMap(({ values }) => values.map((value) => formatNumber(value, 3))).join(', ') ?? '–',
    },
    {
      key: 'units',
      head: 'Different units',
      number: true,
      wanted: runs.some(({ weights }) => countUnits(weights)),
      cell: ({ weights }) => {
        const units = countUnits(weights)
        return units ? `${units.different} of ${units.all}` : '–'
      },
    },
  ]
  return columns.filter(({ wanted = true }) => wanted)
}

const furthest = (error: Run['estimationError']): number | null =>
  error ? Math.max(...[...error.weights, error.bias].map((value) => Math.abs(Number(value)))) : null

/** How many units of a first layer of several learned something of their own; undefined if there is no such layer. */
const countUnits = (weights: Weights | undefined): { different: number; all: number } | undefined => {
  const [first, , second] = weights?.parameters ?? []
  const [inputs = 0, all = 0] = first?.shape ?? []
  if (!first || !second || all < 2) return undefined
  const units = Array.from({ length: all }, (_, unit) =>
    Array.from({ length: inputs }, (_, input) => Number(first.values[input * all + unit]).toPrecision(5)).join(),
  )
  return { different: new Set(units).size, all }
}

/** Data of one feature, with the line that each job learned. */
const Lines = ({ runs, data }: { runs: Run[]; data: AnswerOf<'data'> }) => {
  const lines = runs.flatMap(({ weights, color }) => {
    const [slope, intercept] = weights?.parameters.map(({ values }) => Number(values[0])) ?? []
    return slope === undefined || intercept === undefined ? [] : [{ slope, intercept, color }]
  })
  if (data.batch.featureNames.length !== 1) return null
  const [x = 'x', y = 'y'] = [data.batch.featureNames[0], data.batch.labelNames[0]]
  const points = pointsOf(data.batch, 0).map((point) => ({ ...point, color: 8 }))
  return (
    <div data-chart="lines">
      <Card title="The line that each of them found">
        <Scatter points={points} lines={lines} xLabel={x} yLabel={y} />
        <p class="legend">
          {runs.map(({ label, color }) => (
            <span key={label} class={`legend-item series-${color}`}>
              {label}
            </span>
          ))}
        </p>
      </Card>
    </div>
  )
}
