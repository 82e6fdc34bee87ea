/** Small bars without axes: how values are spread. */
type Props = {
  /** Height of each bar, and what it stands for. */
  bars: { value: number; name: string }[]
  label: string
  width?: number
  height?: number
}

export const Bars = ({ bars, label, width = 132, height = 34 }: Props) => {
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const step = width / Math.max(1, bars.length)
  const gap = Math.min(1.5, step * 0.2)
  return (
    <svg class="bars" role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <title>{label}</title>
      {bars.map(({ value, name }, at) => {
        // What is there at all is to be seen.
        const tall = value === 0 ? 0 : Math.max(1.5, (value / most) * height)
        return (
          <rect key={name} x={at * step} y={height - tall} width={Math.max(1, step - gap)} height={tall} rx="1">
            <title>{`${name}: ${value}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
