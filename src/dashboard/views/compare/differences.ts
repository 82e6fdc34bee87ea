/** In what configs differ, for the columns of a table. */

/** Settings by dotted path. */
export type Settings = Record<string, unknown>

/** Values that are looked at in one config, and columns of a table. */
const maxValues = 3000
const maxColumns = 16
/** What says nothing of how a job trains. */
const ignored = ['auto']

/** The values of a config by dotted path; lists of plain values are one. */
export const flatten = (config: object): Settings => {
  const settings: Settings = {}
  let count = 0
  const visit = (value: unknown, path: string): void => {
    if (count >= maxValues) return
    const plain = typeof value !== 'object' || value === null || (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    if (plain) {
      settings[path] = value
      count++
    } else for (const [key, below] of Object.entries(value)) visit(below, path === '' ? key : `${path}.${key}`)
  }
  visit(Object.fromEntries(Object.entries(config).filter(([key]) => !ignored.includes(key))), '')
  return settings
}

/** Paths whose values are not the same in all of them, in order; `left` counts those beyond the first. */
export const differingPaths = (all: Settings[]): { paths: string[]; left: number } => {
  const paths = [...new Set(all.flatMap((settings) => Object.keys(settings)))]
  const differing = all.length < 2 ? [] : paths.filter((path) => new Set(all.map((settings) => JSON.stringify(settings[path]))).size > 1)
  return { paths: differing.slice(0, maxColumns), left: Math.max(0, differing.length - maxColumns) }
}

/** A value in a cell. */
export const settingText = (value: unknown): string => {
  const text = value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
