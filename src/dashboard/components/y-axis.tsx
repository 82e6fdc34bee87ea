/** Grid lines across a plot in SVG, each with its number at the left. */
import { formatNumber } from '../format.ts'
import { ticksOf } from './axis.ts'

type Props = {
  range: { min: number; max: number }
  /** Where a value is in the picture. */
  top: (value: number) => number
  /** From where to where the plot goes. */
  left: number
  right: number
}

export const YAxis = ({ range, top, left, right }: Props) => (
  <>
    {ticksOf(range).map((value) => (
      <g key={value}>
        <line class="grid" x1={left} x2={right} y1={top(value)} y2={top(value)} />
        <text x={left - 6} y={top(value) + 4} text-anchor="end">
          {formatNumber(value, 3)}
        </text>
      </g>
    ))}
  </>
)
