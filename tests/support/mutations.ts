/** Every small way to break a JSON document: each value in turn taken away, replaced, or given an unknown field beside it. */
import { pointer } from '../../src/validation/validation-errors.ts'

const replacements: Record<string, unknown> = {
  null: null,
  text: 'x',
  minus: -1,
  half: 0.5,
  huge: 1e30,
  yes: true,
  list: [],
  object: {},
}

/** What is done to the value at a place, and the document that comes of it. */
export type Mutation = { name: string; document: unknown }

/** All mutations of a document, in order; the document stays as it is. */
export const mutationsOf = (document: unknown): Mutation[] =>
  placesOf(document, []).flatMap((path) => {
    const at = pointer(...path) || '/'
    return [
      ...(path.length > 0 ? [{ name: `${at} removed`, document: changed(document, path, undefined) }] : []),
      ...Object.entries(replacements).map(([name, value]) => ({ name: `${at} ${name}`, document: changed(document, path, value) })),
      ...(isRecord(valueAt(document, path)) ? [{ name: `${at} more`, document: changed(document, [...path, 'surprise'], 1) }] : []),
    ]
  })

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const placesOf = (value: unknown, path: string[]): string[][] => [
  path,
  ...(typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key])) : []),
]

const valueAt = (document: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], document)

const changed = (document: unknown, path: readonly string[], value: unknown): unknown => {
  const copy = structuredClone({ document })
  const steps = ['document', ...path]
  const last = steps.pop() ?? 'document'
  const parent = valueAt(copy, steps) as Record<string, unknown>
  if (value !== undefined) parent[last] = structuredClone(value)
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete parent[last]
  return copy.document
}
