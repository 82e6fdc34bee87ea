/** Values of options as the texts of their fields, and back. */
import type { CatalogOption } from '../../api/types.ts'
import { formatNumber } from '../../format.ts'
import type { Json } from './draft.ts'

/** The value that a text means; undefined if it is empty. What cannot be read stays text, and the service says what is wrong with it. */
export const readValue = (text: string, option: CatalogOption): Json | undefined => {
  const trimmed = text.trim()
  const types = typesOf(option)
  if (trimmed === '') return undefined
  if (types.length === 1 && types[0] === 'string') return text
  if (/^[[{"]|^(true|false|null)$/.test(trimmed)) {
    try {
      return JSON.parse(trimmed)
    } catch {
      return text
    }
  }
  const takesNumbers = types.includes('number') || types.includes('integer')
  if (takesNumbers && isNumber(trimmed)) return Number(trimmed)
  if (!types.includes('array') || (types.includes('string') && option.enum?.includes(trimmed))) return text
  const parts = trimmed.split(/\s*,\s*/).filter((part) => part !== '')
  const ofNumbers = option.items?.type === 'number' || option.items?.type === 'integer'
  return ofNumbers ? parts.map((part) => (isNumber(part) ? Number(part) : part)) : parts
}

/** The text of a value, from which `readValue` makes the same again. */
export const writeValue = (value: Json | undefined): string => {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  const plain = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number' || isPlainText(item))
  return plain ? value.join(', ') : JSON.stringify(value)
}

/** What an option may be, in a few words: `0 to 1`, `above 0`, `one of …`; empty if anything of its type may. */
export const rangeOf = ({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: CatalogOption): string => {
  const low = minimum ?? exclusiveMinimum
  // Limits that only keep numbers within reason tell nothing.
  const high = [maximum ?? exclusiveMaximum].find((limit) => limit !== undefined && limit < 1e9)
  if (low === undefined || low <= -1e9) return high === undefined ? '' : `up to ${formatNumber(high)}`
  const from = exclusiveMinimum === undefined ? formatNumber(low) : `above ${formatNumber(low)}`
  const to =
    high === undefined
      ? ''
      : ` ${exclusiveMinimum === undefined ? 'to' : 'up to'} ${exclusiveMaximum === undefined ? '' : 'below '}${formatNumber(high)}`
  return to === '' && exclusiveMinimum === undefined ? `from ${from}` : `${from}${to}`
}

const typesOf = ({ type }: CatalogOption): string[] => [type].flat()

const isNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)

const isPlainText = (item: Json): boolean => typeof item === 'string' && item !== '' && !/[,[\]{}"]|^\s|\s$/.test(item)
