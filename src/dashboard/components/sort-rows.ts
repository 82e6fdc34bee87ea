/** Rows by one of their values. */

/** What rows are sorted by; a list or an object counts as its JSON. */
export type Order = { key: string; descending: boolean }

/** An order as an address has it: the key, with a minus before it for the largest first. */
export const orderOf = (text: string | null): Order | null => {
  if (!text) return null
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false }
}

export const orderText = (order: Order | null): string | undefined => order?.key && `${order.descending ? '-' : ''}${order.key}`

/** Ascending, then descending, then as the rows came. */
export const nextOrder = (order: Order | null, key: string): Order | null => {
  if (order?.key !== key) return { key, descending: false }
  return order.descending ? null : { key, descending: true }
}

/** Numbers come before texts, and what is missing last whichever way; equal ones stay as they came. */
export const sortRows = <Row>(rows: readonly Row[], sortBy: (row: Row) => unknown, descending: boolean): Row[] => {
  const keyed = rows.map((row) => ({ row, value: comparable(sortBy(row)) }))
  const sorted = keyed.toSorted((one, other) => {
    if (one.value === null || other.value === null) return Number(one.value === null) - Number(other.value === null)
    return (descending ? -1 : 1) * compare(one.value, other.value)
  })
  return sorted.map(({ row }) => row)
}

const comparable = (value: unknown): number | string | null => {
  if (value === undefined || value === null || Number.isNaN(value)) return null
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value)
}

const compare = (one: number | string, other: number | string): number => {
  if (typeof one === 'number' && typeof other === 'number') return one < other ? -1 : Number(one > other)
  if (typeof one === 'string' && typeof other === 'string') return one.localeCompare(other, undefined, { numeric: true })
  return typeof one === 'number' ? -1 : 1
}
