/** Numbers, times and sizes for people. */
import type { JsonNumber } from './api/types.ts'

/** Four significant digits, with an exponent if it is far from 1; a dash for what is not there. */
export const formatNumber = (value: JsonNumber | null | undefined, digits = 4): string => {
  if (value === null || value === undefined) return '–'
  if (value === 'NaN') return 'NaN'
  if (value === 'Infinity') return '∞'
  if (value === '-Infinity') return '−∞'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞'
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString('en')
  const size = Math.abs(value)
  const text =
    size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 1).replace(/\.?0*e\+?/, 'e')
  return text.replace(/^-/, '−')
}

/** The value for a chart: what is not finite has no place in one. */
export const toPoint = (value: JsonNumber | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** `850 ms`, `12.4 s`, `3 min 5 s`, `2 h 10 min`. */
export const formatDuration = (seconds: number | null | undefined): string => {
  if (seconds === null || seconds === undefined) return '–'
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

/** How long ago something was, as `5 min ago`. */
export const formatAgo = (at: string, now = Date.now()): string => {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000)
  if (seconds < 5) return 'now'
  for (const [unit, size] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`
  return `${Math.floor(seconds)} s ago`
}

const units: [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
]

/** `1.4 MB`. */
export const formatBytes = (bytes: number): string => {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${names[power]}`
}
