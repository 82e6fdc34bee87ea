/** Several jobs in one chart and one table, or the sweeps to choose from. */
import { useMemo, useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Curves, JsonNumber } from '../../api/types.ts'
import { Chart } from '../../components/chart.tsx'
import { Field } from '../../components/field.tsx'
import { ErrorNotice, Notice } from '../../components/notice.tsx'
import { toPoint } from '../../format.ts'
import { useQuery } from '../../hooks/use-query.ts'
import { useSearch } from '../../router.ts'
import { align, type Point } from './align.ts'
import { differingPaths } from './differences.ts'
import { type Better, isComparable, isLogarithmic, metricNames } from './metric.ts'
import { type RunCurve, RunTable } from './run-table.tsx'
import { createRunLoader, isOpen, maxRuns, type Runs } from './runs.ts'
import { SweepsCard } from './sweeps-card.tsx'

export const title = (): string => 'Compare'

export const View = () => {
  const [search] = useSearch()
  const chosen = search.has('job') || search.has('sweep')
  return (
    <>
      <div class="heading">
        <h1>Compare</h1>
      </div>
      {chosen ? <Comparison /> : <SweepsCard />}
    </>
  )
}

/** Milliseconds between two looks while a job goes on: at least, for each such job, and at most; and epochs of a curve. */
const busyMs = 6000
const busyMsEach = 400
const maxMs = 30_000
const maxPoints = 400

type Loaded = Runs & { metric: string; better: Better; curves: ReadonlyMap<string, RunCurve> }

const Comparison = () => {
  const [search, change] = useSearch()
  const metric = search.get('metric') ?? 'loss'
  const [loadRuns] = useState(createRunLoader)
  const { data, error, reload } = useQuery(
    async (signal): Promise<Loaded> => {
      const runs = await loadRuns(search, signal)
      return { ...runs, metric, ...(await loadCurves(runs, { metric, signal })) }
    },
    [contentOf(search)],
    { pollMs: (shown, unchanged) => pollMs(shown?.runs.filter(isOpen).length ?? 0, unchanged) },
  )
  if (!data) return error === undefined ? <p class="muted">Loading …</p> : <ErrorNotice error={error} onRetry={reload} />
  const { runs, missing, left, sweep } = data
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} onRetry={reload} />}
      {missing.length > 0 && <Notice kind="warn">There is no job {missing.join(', ')}.</Notice>}
      {left > 0 && (
        <Notice kind="plain">
          {maxRuns} jobs are shown; {left} more are not.
        </Notice>
      )}
      <div class="filters">
        <Field label="Metric">
          {(field) => (
            <select {...field} value={metric} onChange={(event) => change({ metric: event.currentTarget.value })}>
              {[...new Set([...metricNames(runs), metric])].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {sweep && (
          <p class="muted ranking">
            <span class="mono">{sweep.id}</span>. {sweep.ranking}
          </p>
        )}
      </div>
      {!isComparable(data.metric, runs) && (
        <Notice kind="warn">These jobs have different losses, whose values say nothing about which job is better: none is marked.</Notice>
      )}
      <Together loaded={data} />
    </>
  )
}

const Together = ({ loaded }: { loaded: Loaded }) => {
  const { runs, curves, metric, better, sweep } = loaded
  const { x, series } = useMemo(() => {
    const { x: epochs, values } = align(runs.map(({ id }) => curves.get(id)?.points ?? []))
    const lines = runs.map((_, at) => ({ label: `#${at + 1}`, values: values[at] ?? [], color: (at % 8) + 1, dash: Math.floor(at / 8) }))
    return { x: epochs, series: lines }
  }, [loaded])
  const { paths, left } = useMemo(() => differingPaths(runs.map(({ settings }) => settings)), [runs])
  return (
    <>
      {x.length > 0 ? (
        <Chart key={metric} metric={metric} title={metric} x={x} series={series} log={isLogarithmic(metric, better)} height={340} />
      ) : (
        <section class="card empty" aria-label="Curves">
          None of these jobs has a {metric} yet.
        </section>
      )}
      <RunTable runs={runs} curves={curves} metric={metric} better={better} paths={paths} left={left} removable={!sweep} />
    </>
  )
}

/** What of the address says which curves are shown: in another order they are the same. */
const contentOf = (search: URLSearchParams): string => String(new URLSearchParams([...search].filter(([name]) => name !== 'sort')))

/** Null if nothing will change any more. */
const pollMs = (open: number, unchanged: number): number | null =>
  open === 0 ? null : Math.min(maxMs, Math.max(busyMs, busyMsEach * open) * 1.5 ** unchanged)

const loadCurves = async ({ runs }: Runs, { metric, signal }: { metric: string; signal: AbortSignal }) => {
  if (runs.length === 0) return { better: null, curves: new Map<string, RunCurve>() }
  const query = new URLSearchParams([...runs.map(({ id }) => ['job', id]), ['metric', metric], ['maxPoints', String(maxPoints)]])
  const { better, data } = await get<Curves>(`/epochs?${query}`, { signal })
  const pointOf = ([epoch, value]: JsonNumber[]): Point => [Number(epoch), toPoint(value)]
  const one = (point: JsonNumber[] | null): Point | null => point && pointOf(point)
  const curves = data.map(({ jobId, points, last, min, max, best }): [string, RunCurve] => [
    jobId,
    { points: points.map(pointOf), last: one(last), min: one(min), max: one(max), best: one(best) },
  ])
  return { better, curves: new Map(curves) }
}
