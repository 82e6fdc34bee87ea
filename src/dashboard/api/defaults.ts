/** Which values of a job config are the defaults, as openapi.json has them; the build puts them here. */
type Part = { fields?: Record<string, { part?: string; default?: unknown }>; types?: Record<string, string> }

declare const __CONTRACT_DEFAULTS__: Record<string, Part>

/** A part of a config: `JobConfig` for the whole, undefined if nothing is known of it. */
export type PartName = string | undefined

/** The part that a field of `value` is, and whether what it has is its default. */
export const fieldOf = (part: PartName, value: Record<string, unknown>, field: string): { part: PartName; isDefault: boolean } => {
  const { fields = {} } = resolve(part, value)
  const known = fields[field]
  return { part: known?.part, isDefault: known !== undefined && 'default' in known && isEqual(known.default, value[field]) }
}

/** The part that `type` tells, if several may be here. */
const resolve = (part: PartName, value: Record<string, unknown>): Part => {
  const found = part === undefined ? {} : (__CONTRACT_DEFAULTS__[part] ?? {})
  const name = found.types?.[String(value.type)]
  return name === undefined ? found : (__CONTRACT_DEFAULTS__[name] ?? {})
}

/** Objects are equal whatever the order of their fields; those that say more than the default does are not. */
const isEqual = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [left, right] = [Object.entries(a), Object.entries(b)]
  return left.length === right.length && left.every(([key, value]) => isEqual(value, (b as Record<string, unknown>)[key]))
}
