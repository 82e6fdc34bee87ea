/** Changes bytes: puts others in, takes some out, repeats, swaps and cuts, and makes lengths, counts and offsets say something else. */
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

/** What a length, a count or an offset may be made to say; those below 1 are shares of the file's own length. */
const oddNumbers = [0, 1, -1, 2, 7, 8, 255, 256, 65_535, 1e6, 2 ** 24, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1, 0.5, 0.999]

/** Numbers as formats write them: little-endian of so many bytes, or seven bits a byte as Parquet does (`0`). */
const widths = [1, 2, 4, 4, 8, 0, 0]

/** `at` and `other` are places, each as likely as any other. */
export type Patch = {
  at: number
  other: number
  what: 'insert' | 'overwrite' | 'remove' | 'repeat' | 'cut' | 'cutOut' | 'number' | 'add' | 'swap' | 'copy' | 'bit'
  text: string
  length: number
  number: number
  width: number
}

/** A share of a whole. fast-check's own doubles and integers prefer their ends, which here are the file's. */
const share = fc.noBias(fc.nat(2 ** 30 - 1)).map((value) => value / 2 ** 30)
/** Anywhere, or in the first or the last bytes, where headers and footers say what comes between them. */
const place = fc.oneof(
  { weight: 3, arbitrary: share },
  { weight: 1, arbitrary: share.map((value) => value ** 4) },
  { weight: 1, arbitrary: share.map((value) => 1 - (1 - value) ** 4) },
)

export const patches: fc.Arbitrary<Patch[]> = fc.array(
  fc.record({
    at: place,
    other: share,
    what: fc.constantFrom<Patch['what'][]>(
      ...(['insert', 'overwrite', 'overwrite', 'remove', 'repeat', 'cut', 'cutOut'] as const),
      ...(['number', 'number', 'number', 'add', 'add', 'swap', 'copy', 'bit', 'bit'] as const),
    ),
    text: fc.oneof(
      fc.constantFrom(...oddBytes),
      fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
    length: fc.integer({ min: 1, max: 200 }),
    number: fc.constantFrom(...oddNumbers),
    width: fc.constantFrom(...widths),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Times that a slice is repeated at most. */
const maxRepeats = 50

/** A copy with the patches made. */
export const patched = (bytes: Uint8Array, list: readonly Patch[]): Buffer => {
  let text = Buffer.from(bytes).toString('latin1')
  for (const patch of list) text = changed(text, patch)
  return Buffer.from(text, 'latin1')
}

const changed = (text: string, { at, other, what, text: odd, length, number, width }: Patch): string => {
  const from = Math.floor(at * text.length)
  const to = Math.floor(other * text.length)
  const slice = text.slice(from, from + length)
  const [before, behind] = [text.slice(0, from), text.slice(from + length)]
  const put = (middle: string): string => before + middle + text.slice(from + middle.length)
  switch (what) {
    case 'insert':
      return before + odd + text.slice(from)
    case 'overwrite':
      return before + odd.padEnd(slice.length, odd) + behind
    case 'remove':
      return before + behind
    case 'repeat':
      return before + slice.repeat(1 + (length % maxRepeats)) + behind
    case 'cut':
      return before
    case 'cutOut':
      // The end of a file often says where the rest of it is.
      return text.slice(0, Math.min(from, to)) + text.slice(Math.max(from, to))
    case 'number':
      return put(written(Math.abs(number) < 1 ? Math.floor(number * text.length) : number, width))
    case 'add':
      return put(String.fromCharCode((text.charCodeAt(from) + (length % 2 ? 1 : 255)) % 256).slice(0, text.length - from))
    case 'bit':
      return put(String.fromCharCode((text.charCodeAt(from) ^ (1 << (length % 8))) % 256).slice(0, text.length - from))
    case 'swap': {
      const [first, second] = [Math.min(from, to), Math.max(from, to)]
      const size = Math.min(length, second - first)
      return (
        text.slice(0, first) +
        text.slice(second, second + size) +
        text.slice(first + size, second) +
        text.slice(first, first + size) +
        text.slice(second + size)
      )
    }
    case 'copy':
      return text.slice(0, to) + slice + text.slice(to)
  }
}

const written = (value: number, width: number): string => {
  if (width === 0) return varint(BigInt(value) & 0xffff_ffffn)
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes.subarray(0, width).toString('latin1')
}

const varint = (value: bigint): string =>
  value < 128n ? String.fromCharCode(Number(value)) : String.fromCharCode(Number(value & 127n) | 128) + varint(value >> 7n)
