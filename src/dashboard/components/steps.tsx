/** Steps through what the page holds itself, or what is asked for by position. */
import { formatNumber } from '../format.ts'

type Props = {
  /** What is stepped through, as in `columns`. */
  name: string
  /** Position of the first that is shown, from 0. */
  from: number
  /** How many are shown. */
  shown: number
  total: number
  /** How far a step goes. */
  size: number
  onChange: (from: number) => void
}

export const Steps = ({ name, from, shown, total, size, onChange }: Props) => {
  if (total <= shown && from === 0) return null
  return (
    <nav class="pager" aria-label={`Pages of ${name}`}>
      <span class="muted">
        {formatNumber(from + 1)}–{formatNumber(from + shown)} of {formatNumber(total)} {name}
      </span>
      <span class="actions">
        <button type="button" class="button small" disabled={from === 0} onClick={() => onChange(Math.max(0, from - size))}>
          Previous<span class="visually-hidden"> {name}</span>
        </button>
        <button type="button" class="button small" disabled={from + shown >= total} onClick={() => onChange(from + shown)}>
          Next<span class="visually-hidden"> {name}</span>
        </button>
      </span>
    </nav>
  )
}
