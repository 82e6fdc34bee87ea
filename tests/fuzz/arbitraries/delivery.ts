/** How requests are sent, and headers that may come with any of them. */
import fc from 'fast-check'
import type { Delivery } from '../case.ts'

const cut = fc.double({ min: 0, max: 1, noNaN: true })

export const deliveries: fc.Arbitrary<Delivery> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Delivery>({ how: 'whole' }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 2000 }).map((size): Delivery => ({ how: 'chunked', size })) },
  { weight: 1, arbitrary: fc.constant<Delivery>({ how: 'slowly' }) },
  { weight: 1, arbitrary: cut.map((at): Delivery => ({ how: 'fin', at })) },
  { weight: 1, arbitrary: cut.map((at): Delivery => ({ how: 'rst', at })) },
  { weight: 1, arbitrary: fc.constantFrom(-100, -1, 1, 100).map((by): Delivery => ({ how: 'lying', by })) },
)

/** Few, so that the same key meets the same and other requests. */
const keys = fc.integer({ min: 1, max: 40 }).map((number) => `key-${number}`)

const oddHeaders: readonly (readonly [string, string])[] = [
  ['accept', 'application/xml'],
  ['accept', ';;,q=2'],
  ['accept-encoding', 'gzip, br;q=x'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'nonsense'],
  ['expect', '100-continue'],
  ['expect', 'tea'],
  ['range', 'bytes=5-1'],
  ['if-none-match', '*'],
  ['last-event-id', 'NaN'],
  ['x-forwarded-for', '\xff\xfe'],
  ['x-http-method-override', 'DELETE'],
  ['authorization', 'Bearer '],
  ['cookie', 'a='.repeat(2000)],
  ['idempotency-key', ''],
  ['idempotency-key', 'k'.repeat(300)],
  ['idempotency-key', '\xe9\xff'],
  ['x-long', 'x'.repeat(20_000)],
  ['upgrade', 'websocket'],
  ['te', 'trailers'],
  ['__proto__', 'x'],
]

export const extraHeaders: fc.Arbitrary<(readonly [string, string])[]> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: keys }),
    fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.subarray([...oddHeaders], { minLength: 1, maxLength: 2 }) },
    ),
  )
  .map(([key, odd]) => [...(key === undefined ? [] : [['idempotency-key', key] as const]), ...odd])
