/**
 * Streams of random numbers, each a pure function of seed, purpose and index. Every value is addressable by its
 * position, so whoever goes on with a job needs no saved generator, and streams of different purposes never meet.
 */
import { present } from './must.ts'
import { normalQuantile } from './normal-quantile.ts'
import { threefry2x32 } from './threefry.ts'

/** What the numbers are for: a dataset's rows, initial weights, an epoch's order, dropout masks, a batch preview. */
export type StreamPurpose = 'data' | 'init' | 'shuffle' | 'dropout' | 'preview'

/** Names one stream: `index` is the epoch, the layer, or several such numbers. */
export type StreamAddress = { seed: number; purpose: StreamPurpose; index?: number | readonly number[] }

const twoToThe32 = 4294967296

/**
 * The stream at an address. Position n of `uniforms` and `normals` always holds the same value, whatever was asked
 * before; both read the same words, so take a stream of its own for each.
 */
export const createStream = (address: StreamAddress) => {
  const [k0, k1] = deriveKey(address)
  const block = new Uint32Array(2)

  const fill = (count: number, from: number, transform: (word: number) => number): Float64Array => {
    const values = new Float64Array(count)
    for (let filled = 0; filled < count; ) {
      const position = from + filled
      const counter = Math.floor(position / 2)
      threefry2x32(k0, k1, low(counter), high(counter), block)
      for (let half = position % 2; half < 2 && filled < count; half += 1, filled += 1) values[filled] = transform(present(block[half]))
    }
    return values
  }

  /** `count` values in [0, 1), multiples of 2^-32, from position `from`. */
  const uniforms = (count: number, from = 0): Float64Array => fill(count, from, (word) => word / twoToThe32)

  /** `count` standard normal values from position `from`. */
  const normals = (count: number, from = 0): Float64Array => fill(count, from, (word) => normalQuantile((word + 0.5) / twoToThe32))

  /** 0…n-1 in random order: Fisher and Yates's shuffle, its draws made one by one from uniform words. */
  const permutation = (n: number): Int32Array => {
    const order = new Int32Array(n)
    for (let position = 1; position < n; position += 1) order[position] = position
    let drawn = -1
    for (let last = n - 1; last > 0; last -= 1) {
      // The draw at position `last` is a half of block ⌊last / 2⌋: two positions share one encryption.
      if (last >>> 1 !== drawn) {
        drawn = last >>> 1
        threefry2x32(k0, k1, drawn, 0, block)
      }
      const other = Math.floor((present(block[last & 1]) / twoToThe32) * (last + 1))
      const kept = present(order[last])
      order[last] = present(order[other])
      order[other] = kept
    }
    return order
  }

  return { uniforms, normals, permutation }
}
export type RandomStream = ReturnType<typeof createStream>

const high = (value: number): number => Math.floor(value / twoToThe32) >>> 0

const low = (value: number): number => (((value % twoToThe32) + twoToThe32) % twoToThe32) >>> 0

/** FNV-1a, 32 bits: gives each purpose a number of its own. */
const hash = (text: string): number => {
  let sum = 0x811c9dc5
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return sum >>> 0
}

const deriveKey = ({ seed, purpose, index = 0 }: StreamAddress): readonly [number, number] => {
  const key = new Uint32Array([low(seed), high(seed)])
  const fold = (x0: number, x1: number): void => threefry2x32(present(key[0]), present(key[1]), x0, x1, key)
  fold(hash(purpose), 0)
  for (const part of typeof index === 'number' ? [index] : index) fold(low(part), high(part))
  return [present(key[0]), present(key[1])]
}
