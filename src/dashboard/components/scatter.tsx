/** Points in a plane, as SVG; for some thousands at most. */
import { formatNumber } from '../format.ts'
import { rangeOf, ticksOf } from './axis.ts'
import { YAxis } from './y-axis.tsx'

export type ScatterPoint = { x: number; y: number /** Of the eight colors of series, from 1. */; color?: number }
/** A straight line over the whole width. */
export type ScatterLine = { slope: number; intercept: number; color?: number }
type Props = {
  points: ScatterPoint[]
  lines?: ScatterLine[]
  xLabel: string
  yLabel: string
  /** Draws where x and y are the same. */
  diagonal?: boolean
}

const size = { width: 440, height: 300, left: 58, right: 12, top: 12, bottom: 40 }

export const Scatter = ({ points, lines = [], xLabel, yLabel, diagonal = false }: Props) => {
  const xs = rangeOf(diagonal ? points.flatMap(({ x, y }) => [x, y]) : points.map(({ x }) => x))
  const heightsOf = ({ slope, intercept }: ScatterLine): number[] => [intercept + slope * xs.min, intercept + slope * xs.max]
  const ys = diagonal ? xs : rangeOf([...points.map(({ y }) => y), ...lines.flatMap(heightsOf)])
  const left = (x: number): number => size.left + ((x - xs.min) / (xs.max - xs.min)) * (size.width - size.left - size.right)
  const top = (y: number): number => size.height - size.bottom - ((y - ys.min) / (ys.max - ys.min)) * (size.height - size.bottom - size.top)
  return (
    <svg
      class="scatter"
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label={`${yLabel} over ${xLabel}, ${points.length} points`}
    >
      <title>{`${yLabel} over ${xLabel}`}</title>
      {ticksOf(xs).map((x) => (
        <g key={x}>
          <line class="grid" x1={left(x)} x2={left(x)} y1={size.top} y2={size.height - size.bottom} />
          <text x={left(x)} y={size.height - size.bottom + 15} text-anchor="middle">
            {formatNumber(x, 3)}
          </text>
        </g>
      ))}
      <YAxis range={ys} top={top} left={size.left} right={size.width - size.right} />
      {diagonal && <line class="diagonal" x1={left(xs.min)} y1={top(xs.min)} x2={left(xs.max)} y2={top(xs.max)} />}
      {lines.map((line, at) => {
        const [first = 0, last = 0] = heightsOf(line)
        return (
          <line
            key={at}
            x1={left(xs.min)}
            y1={top(first)}
            x2={left(xs.max)}
            y2={top(last)}
            stroke={`var(--series-${line.color ?? 1})`}
            stroke-width="2"
          />
        )
      })}
      {points.map(({ x, y, color = 1 }, at) => (
        <circle key={at} cx={left(x)} cy={top(y)} r="2.6" fill={`var(--series-${color})`} />
      ))}
      <text class="axis" x={(size.left + size.width) / 2} y={size.height - 6} text-anchor="middle">
        {shorten(xLabel)}
      </text>
      <text class="axis" transform={`translate(12 ${(size.height - size.bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {shorten(yLabel)}
      </text>
    </svg>
  )
}

/** Letters of an axis: more of them do not fit. */
const maxLetters = 36

const shorten = (label: string): string => {
  const letters = Array.from(label)
  return letters.length > maxLetters ? `${letters.slice(0, maxLetters - 1).join('')}…` : label
}
