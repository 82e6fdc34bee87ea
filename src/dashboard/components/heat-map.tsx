/** Histograms side by side, as SVG: stronger where more values are. */
import { formatNumber } from '../format.ts'
import { rangeOf } from './axis.ts'
import { YAxis } from './y-axis.tsx'

/** Counts in equally wide bins from `min` to `max`. */
export type HeatColumn = { x: number; min: number; max: number; counts: number[] }

type Props = { columns: HeatColumn[]; label: string; xLabel: string }

const size = { width: 440, height: 230, left: 58, right: 12, top: 12, bottom: 40 }
const plot = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom }
/** Numbers along the x axis. */
const maxTicks = 6

export const HeatMap = ({ columns, label, xLabel }: Props) => {
  const ys = rangeOf(columns.flatMap(({ min, max }) => [min, max]))
  const top = (y: number): number => size.top + ((ys.max - y) / (ys.max - ys.min)) * plot.height
  const step = plot.width / columns.length
  const every = Math.ceil(columns.length / maxTicks)
  return (
    <svg class="scatter" viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={label}>
      <title>{label}</title>
      <YAxis range={ys} top={top} left={size.left} right={size.width - size.right} />
      {columns.map((column, at) => (
        <g key={column.x} transform={`translate(${size.left + at * step} 0)`}>
          {cellsOf(column).map(({ from, to, count, opacity }) => (
            <rect
              key={from}
              width={Math.max(1, step - 1)}
              y={Math.min(top(to), top(from) - 2)}
              height={Math.max(2, top(from) - top(to))}
              fill="var(--series-1)"
              fill-opacity={opacity}
            >
              <title>{`${xLabel} ${column.x}: ${formatNumber(count)} from ${formatNumber(from)} to ${formatNumber(to)}`}</title>
            </rect>
          ))}
          {at % every === 0 && (
            <text x={step / 2} y={size.height - size.bottom + 15} text-anchor="middle">
              {formatNumber(column.x)}
            </text>
          )}
        </g>
      ))}
      <text class="axis" x={size.left + plot.width / 2} y={size.height - 6} text-anchor="middle">
        {xLabel}
      </text>
    </svg>
  )
}

/** Bins that hold something; the fullest one is the strongest, and a single value is still to be seen. */
const cellsOf = ({ min, max, counts }: HeatColumn) => {
  const most = Math.max(...counts)
  const edge = (at: number): number => min + ((max - min) * at) / counts.length
  return counts.flatMap((count, at) =>
    count === 0 ? [] : [{ from: edge(at), to: edge(at + 1), count, opacity: Number((0.1 + 0.9 * Math.sqrt(count / most)).toFixed(2)) }],
  )
}
