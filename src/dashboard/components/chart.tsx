/** Curves over a common x axis, drawn by uPlot: hover and arrow keys tell values, dragging and buttons zoom, and there is a table of it. */
import type { ComponentChildren } from 'preact'
import { useContext, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'
import { formatNumber } from '../format.ts'
import { useStore } from '../store.ts'
import { ChartTable } from './chart-table.tsx'
import { type ChartSeries, createPlot, type Plot } from './plot.ts'
import { themeChanges } from './theme-switch.tsx'
import { Within } from './within.ts'

type Props = {
  /** What `data-chart` says. */
  metric: string
  /** The name of a second curve that is drawn in it. */
  also?: string
  title: string
  /** Ascending. */
  x: number[]
  xLabel?: string
  series: ChartSeries[]
  /** Begins with a logarithmic scale, which can be switched. */
  log?: boolean
  /** Pixels. */
  height?: number
  /** What chooses what is shown, beside the title. */
  choice?: ComponentChildren
}

export const Chart = ({ metric, also, title: heading, x, xLabel = 'epoch', series, log = false, height = 220, choice }: Props) => {
  const id = useId()
  const within = useContext(Within)
  const title = within ? `${heading} ${within}` : heading
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const [isLog, setLog] = useState(log)
  const [at, setAt] = useState<number | null>(null)
  const [zoomed, setZoomed] = useState(false)
  const theme = useStore(themeChanges)
  const shape = series.map(({ label, color, pointsOnly }) => `${label}/${color}/${pointsOnly}`).join()
  const data = useMemo(() => ({ x, series }), [x, series])

  useEffect(() => {
    if (!box.current) return
    const made = createPlot(box.current, { ...data, height, log: isLog, onCursor: setAt, onZoom: setZoomed })
    plot.current = made
    return () => {
      plot.current = undefined
      made.destroy()
    }
  }, [shape, isLog, theme, height])
  useEffect(() => plot.current?.update(data), [data])

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    const from = at ?? (step > 0 ? -1 : x.length)
    plot.current?.moveTo(Math.max(0, Math.min(x.length - 1, from + step)))
  }
  const shown = at ?? x.length - 1

  return (
    <section class="card chart" data-chart={metric} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>
          {heading}
          {within && <span class="visually-hidden"> {within}</span>}
        </h2>
        <div class="actions">
          {choice}
          {zoomed && (
            <button type="button" class="button small quiet" onClick={() => plot.current?.zoom(0)}>
              Whole
            </button>
          )}
          <button type="button" class="button small quiet" aria-label={`Zoom into ${title}`} onClick={() => plot.current?.zoom(0.5)}>
            +
          </button>
          <button type="button" class="button small quiet" aria-label={`Zoom out of ${title}`} onClick={() => plot.current?.zoom(2)}>
            −
          </button>
          <button
            type="button"
            class="button small"
            aria-pressed={isLog}
            aria-label={`log scale of ${title}`}
            onClick={() => setLog(!isLog)}
          >
            log
          </button>
        </div>
      </div>
      {/* What is drawn together is found by either name. */}
      <div data-chart={also}>
        <div
          class="plot"
          role="group"
          aria-label={`${title}: curve. The arrow keys move through it.`}
          tabIndex={0}
          onKeyDown={onKeyDown}
          ref={box}
        />
        {isEmpty(series, isLog) && (
          <p class="muted nothing">{isLog ? 'Nothing here has a place on a logarithmic scale.' : 'There are no finite values.'}</p>
        )}
        <p class="legend">
          <span class="muted">
            {xLabel} {formatNumber(x[shown])}
          </span>
          {series.map(({ label, color, values }) => (
            <span key={label} class={`legend-item series-${color ?? 1}`}>
              {label} <b>{formatNumber(values[shown])}</b>
            </span>
          ))}
        </p>
        <ChartTable title={title} x={x} xLabel={xLabel} series={series} />
      </div>
    </section>
  )
}

/** Whether nothing of it can be drawn: values that are not finite, or, on a logarithmic scale, not positive. */
const isEmpty = (series: ChartSeries[], isLog: boolean): boolean =>
  series.every(({ values }) => values.every((value) => value === null || (isLog && value <= 0)))

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }
