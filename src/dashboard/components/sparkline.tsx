/** A curve of a few letters' size: its shape alone, without axes. */
type Props = { points: [number, number | null][]; label: string; width?: number; height?: number }

export const Sparkline = ({ points, label, width = 110, height = 26 }: Props) => {
  const known = points.flatMap(([x, y]) => (y === null ? [] : [{ x, y: scale(y) }]))
  if (known.length < 2) return <span class="muted">–</span>
  const xs = known.map(({ x }) => x)
  const ys = known.map(({ y }) => y)
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const place = ({ x, y }: { x: number; y: number }): string =>
    `${(2 + ((x - left) / (right - left || 1)) * (width - 4)).toFixed(1)} ${(2 + ((high - y) / (high - low || 1)) * (height - 4)).toFixed(1)}`
  return (
    <svg class="sparkline" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <title>{label}</title>
      <path d={`M${known.map(place).join('L')}`} fill="none" stroke="var(--series-1)" stroke-width="1.5" stroke-linejoin="round" />
    </svg>
  )
}

/** Losses fall by orders of magnitude: the logarithm shows that they still do. Whatever is not positive stays as small as can be. */
const scale = (y: number): number => Math.log10(Math.max(y, 1e-12))
