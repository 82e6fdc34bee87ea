/** Changes bytes: puts others in, takes some out, repeats and cuts. */
import fc from 'fast-check'

const oddBytes = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '"',
  "'",
  ',',
  ';',
  '\t',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\\',
  '\\u0000',
  '\xff',
  '\xc3\x28',
  '\xef\xbb\xbf',
  '\xed\xa0\x80',
  '-',
  '--',
  'e9',
  '\x1f\x8b',
]

export type Patch = { at: number; what: 'insert' | 'overwrite' | 'remove' | 'repeat' | 'cut'; text: string; length: number }

export const patches: fc.Arbitrary<Patch[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    what: fc.constantFrom('insert', 'insert', 'overwrite', 'remove', 'repeat', 'cut'),
    text: fc.oneof(
      fc.constantFrom(...oddBytes),
      fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    length: fc.integer({ min: 1, max: 200 }),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Times that a slice is repeated at most. */
const maxRepeats = 50

/** A copy with the patches made. */
export const patched = (bytes: Uint8Array, list: readonly Patch[]): Buffer => {
  let text = Buffer.from(bytes).toString('latin1')
  for (const { at, what, text: other, length } of list) {
    const from = Math.floor(at * text.length)
    const slice = text.slice(from, from + length)
    const rest = text.slice(from + (what === 'insert' ? 0 : length))
    const middle = {
      insert: other,
      overwrite: other.padEnd(slice.length, other),
      remove: '',
      repeat: slice.repeat(1 + (length % maxRepeats)),
      cut: '',
    }[what]
    text = text.slice(0, from) + middle + (what === 'cut' ? '' : rest)
  }
  return Buffer.from(text, 'latin1')
}
