/** What lists show of a large value: everything but its long lists of numbers or texts. */
import { longestShown } from '../api/page.schema.ts'
import { pointer } from '../validation/validation-errors.ts'

/** Places of what was left out that are named; of more, the first. */
const maxNamed = 20

/** The fields of a value as lists show them, and in `omitted` what they lack; null if they lack nothing. */
export const summaryOf = <Value extends object>(value: Value): (Value & { omitted: string[] }) | null => {
  const { value: shown, omitted } = abridge(value, '')
  return omitted.length > 0 ? { ...shown, omitted } : null
}

/** A value without its long lists, and JSON Pointers to them from `at` on, if there are any. */
export const abridge = <Value>(value: Value, at: string): { value: Value; omitted: string[] } => {
  const omitted: string[] = []

  const walk = (one: unknown, path: string): unknown => {
    if (typeof one !== 'object' || one === null) return one
    if (isLong(one)) {
      if (omitted.length < maxNamed) omitted.push(path)
      return undefined
    }
    if (Array.isArray(one)) return one.map((inner, index) => walk(inner, path + pointer(index)) ?? null)
    const entries = Object.entries(one).map(([key, inner]) => [key, walk(inner, path + pointer(key))] as const)
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
  }

  return { value: walk(value, at) as Value, omitted }
}

const isLong = (value: object): boolean => {
  if (ArrayBuffer.isView(value)) return true
  return Array.isArray(value) && value.length > longestShown && (typeof value[0] !== 'object' || value[0] === null)
}
