/** A config that is being written: JSON that is read, and changed at a path. */
import { toJson } from '../../json-text.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type Config = { [key: string]: Json }
export type Path = readonly (string | number)[]

export const isObject = (value: Json | undefined): value is Config => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The config that a text is, or why it is none. */
export const readConfig = (text: string): { config: Config } | { problem: string } => {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value) ? { config: value } : { problem: 'A config is an object: {"dataset": …}' }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Indented JSON; short lists of plain values stay on a line. Within a text JSON has no line breaks, so none is touched. */
export const writeConfig = (config: Config): string =>
  toJson(config, 2).replace(/\[\n\s+([^[\]{}]+?)\n\s*\]/g, (list, inner: string) => {
    const line = `[${inner.split(/,\n\s+/).join(', ')}]`
    return line.length <= maxLine ? line : list
  })

const maxLine = 100

/** What is at a path; undefined if nothing is. */
export const valueAt = (value: Json | undefined, path: Path): Json | undefined =>
  path.reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)]
    return isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }, value)

/** The config with another value at a path; undefined takes it out. What is missing on the way is made. */
export const withValue = (config: Config, path: Path, value: Json | undefined): Config => (change(config, path, value) ?? {}) as Config

/** Path as a JSON Pointer, as validation errors have it. */
export const pointerOf = (path: Path): string => path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const change = (at: Json | undefined, [key, ...rest]: Path, value: Json | undefined): Json | undefined => {
  if (key === undefined) return value
  if (typeof key === 'number') {
    const list = Array.isArray(at) ? [...at] : []
    const next = change(list[key], rest, value)
    if (next === undefined) list.splice(key, 1)
    else list[key] = next
    return list
  }
  // A text in place of an object is the name of its type: `relu` for `{"type": "relu"}`.
  const object: Config = isObject(at) ? { ...at } : typeof at === 'string' ? { type: at } : {}
  const next = change(object[key], rest, value)
  if (next === undefined) delete object[key]
  else object[key] = next
  // A part of which nothing is left is left out.
  return next === undefined && Object.keys(object).length === 0 ? undefined : object
}
