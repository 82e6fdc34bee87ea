/** Changes a JSON document in its structure: replaces, drops, adds, renames, wraps and repeats. */
import fc from 'fast-check'
import { oddNames, oddValue } from './values.ts'

/** `at` chooses a place: it counts round and round over all of them. */
export type Edit = { at: number; what: 'replace' | 'drop' | 'add' | 'rename' | 'wrap' | 'repeat'; value: unknown; name: string }

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    what: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'add', 'rename', 'wrap', 'repeat'),
    value: oddValue,
    name: fc.constantFrom(...oddNames),
  }),
  { minLength: 1, maxLength: 3 },
)

type Place = { holder: Record<string, unknown> | unknown[]; key: string }

/** Every value inside a document by its holder and key. */
const placesOf = (document: unknown): Place[] => {
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([key, value]) => [{ holder: document as Place['holder'], key }, ...placesOf(value)])
}

/** Also under the name `__proto__`, which plain assignment would not make a property. */
const put = (holder: Place['holder'], key: string, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

const maxCopies = 100

const operations: Record<Edit['what'], (place: Place, edit: Edit) => void> = {
  replace: ({ holder, key }, { value }) => put(holder, key, value),
  drop: ({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  },
  add: ({ holder }, { name, value }) => {
    if (Array.isArray(holder)) holder.push(value)
    else put(holder, name, value)
  },
  rename: ({ holder, key }, { name }) => {
    if (Array.isArray(holder)) return
    const value = holder[key]
    delete holder[key]
    put(holder, name, value)
  },
  wrap: ({ holder, key }) => put(holder, key, [(holder as Record<string, unknown>)[key]]),
  repeat: ({ holder, key }, { at }) => {
    if (Array.isArray(holder)) holder.push(...new Array<unknown>(1 + (at % maxCopies)).fill(holder[Number(key)]))
  },
}

/** A copy with the edits made. */
export const edited = (document: unknown, list: readonly Edit[]): unknown => {
  const root = { document: structuredClone(document) }
  for (const edit of list) {
    const places = placesOf(root)
    const place = places[edit.at % places.length]
    // A copy, since another edit may bring the same value again, into what this one has put there.
    if (place) operations[edit.what](place, { ...edit, value: structuredClone(edit.value) })
  }
  return root.document
}
