/** A uPlot over an element: made once, then given data at most once a frame. */
import uPlot from 'uplot'
import { formatNumber } from '../format.ts'

export type ChartSeries = {
  label: string
  /** One per x; null if there is none. */
  values: (number | null)[]
  /** Of the eight colors of series, from 1. */
  color?: number
  /** Of the kinds of lines, from 0, which is whole: more series than there are colors are told apart by it. */
  dash?: number
  /** Points without lines between them. */
  pointsOnly?: boolean
}

export type PlotData = { x: number[]; series: ChartSeries[] }

/** Distances of ticks on the x axis: there is no half of an epoch. */
const wholeSteps = [...Array(12).keys()].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power))

/** Lengths of strokes and gaps, in pixels. */
const dashes = [[], [8, 4], [2, 3], [12, 3, 2, 3], [4, 8], [16, 4], [1, 6]]

type PlotOptions = PlotData & {
  height: number
  log: boolean
  /** The index in `x` that is looked at, null for none. */
  onCursor: (at: number | null) => void
  onZoom: (zoomed: boolean) => void
}

export type Plot = {
  update: (data: PlotData) => void
  /** Looks at the value with this index in `x`. */
  moveTo: (at: number) => void
  /** Shows this share of what is shown now; 0 shows everything. */
  zoom: (factor: number) => void
  destroy: () => void
}

export const createPlot = (box: HTMLElement, { x, series, height, log, onCursor, onZoom }: PlotOptions): Plot => {
  let data: PlotData = { x, series }
  let zoomed = false
  let frame: number | undefined
  const color = createColors(box)
  const axis = {
    stroke: color('--muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1, size: 4 },
  }
  const setZoomed = (now: boolean): void => {
    if (now !== zoomed) onZoom(now)
    zoomed = now
  }
  const u = new uPlot(
    {
      width: Math.max(200, box.clientWidth),
      height,
      padding: [10, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: true } },
      scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [
        { ...axis, size: 28, gap: 4, incrs: wholeSteps },
        { ...axis, size: 62, gap: 4, values: (_, splits) => splits.map((split) => (split === null ? '' : formatNumber(split, 3))) },
      ],
      series: [
        {},
        ...series.map((one) => ({
          label: one.label,
          stroke: color(`--series-${one.color ?? 1}`),
          width: one.pointsOnly ? 0 : 1.75,
          dash: dashes[(one.dash ?? 0) % dashes.length],
          points: one.pointsOnly ? { show: true, size: 5 } : { size: 4 },
          spanGaps: true,
        })),
      ],
      hooks: {
        setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)],
        setSelect: [() => setZoomed(true)],
      },
    },
    toTable(data, log),
    box,
  )
  // A double click shows everything again.
  u.over.addEventListener('dblclick', () => setZoomed(false))
  const sizes = new ResizeObserver(() => u.setSize({ width: Math.max(200, box.clientWidth), height }))
  sizes.observe(box)

  // What nobody sees is not drawn: a page has many curves, and all of them grow at the same time.
  let visible = true
  let stale = false
  const sight = new IntersectionObserver(([entry]) => {
    visible = entry?.isIntersecting ?? true
    if (visible && stale) frame ??= requestAnimationFrame(draw)
  })
  sight.observe(box)

  const draw = (): void => {
    frame = undefined
    stale = !visible
    if (stale) return
    u.setData(toTable(data, log), !zoomed)
    // Without new scales it would not be drawn.
    if (zoomed) u.redraw()
  }

  return {
    update: (next) => {
      data = next
      frame ??= requestAnimationFrame(draw)
    },
    moveTo: (at) => {
      const value = data.x[at]
      if (value !== undefined) u.setCursor({ left: u.valToPos(value, 'x'), top: 10 })
    },
    zoom: (factor) => {
      const [first = 0, last = 1] = [data.x[0], data.x.at(-1)]
      const { min = first, max = last } = u.scales.x ?? {}
      if (min === null || max === null) return
      const half = ((max - min) * factor) / 2
      const middle = u.cursor.idx ? (data.x[u.cursor.idx] ?? (min + max) / 2) : (min + max) / 2
      const wanted = factor === 0 ? { min: first, max: last } : { min: Math.max(first, middle - half), max: Math.min(last, middle + half) }
      if (wanted.max <= wanted.min) return
      u.setScale('x', wanted)
      setZoomed(wanted.min > first || wanted.max < last)
    },
    destroy: () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      sizes.disconnect()
      sight.disconnect()
      u.destroy()
    },
  }
}

/** What is not positive has no place on a logarithmic scale. */
const toTable = ({ x, series }: PlotData, log: boolean): uPlot.AlignedData => [
  x,
  ...series.map(({ values }) => (log ? values.map((value) => (value !== null && value > 0 ? value : null)) : values)),
]

/** Reads colors of the theme as they are now: a canvas knows no variables. */
const createColors = (box: HTMLElement) => {
  return (name: string): string => {
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    box.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}
