/** Numbers and tables for people. */
import type { JsonNumber } from '../types.ts'

/** Six decimals, as the notebooks print a loss; what would vanish in them keeps four digits. */
export const loss = (value: JsonNumber | null | undefined): string => {
  if (value === null || value === undefined) return ''
  const number = Number(value)
  if (!Number.isFinite(number)) return String(value)
  return number !== 0 && Math.abs(number) < 1e-6 ? number.toExponential(3) : number.toFixed(6)
}

/** Numbers in brackets, of many only the first. */
export const numbers = (values: Iterable<number | bigint>, decimals = 4): string => {
  const all = [...values].map((value) => (typeof value === 'bigint' ? String(value) : value.toFixed(decimals)))
  return all.length > 8 ? `[${all.slice(0, 8).join(', ')}, … ${all.length} values]` : `[${all.join(', ')}]`
}

/** `1.5 MB` */
export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  return `${power === 0 ? count : (count / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** Rows below their heads, each column as wide as its widest cell. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [heads, ...rows].map(line).join('\n')
}
