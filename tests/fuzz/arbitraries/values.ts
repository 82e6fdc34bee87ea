/** JSON that honest clients rarely send: extremes, wrong types, names of prototypes, texts that no database holds, deep nests. */
import fc from 'fast-check'

/** Stand-ins in a document for JSON text that no value serializes to. */
const raws: Record<string, string> = {
  infinity: '1e999',
  tiny: '1e-999',
  minusZero: '-0',
  leadingZero: '01',
  nan: 'NaN',
  hex: '0x10',
  endless: '9'.repeat(400),
  precise: `0.${'1'.repeat(400)}`,
  nul: '"a\\u0000b"',
  lone: '"\\ud800"',
  deepArray: `${'['.repeat(2500)}${']'.repeat(2500)}`,
  deepObject: `${'{"a":'.repeat(2500)}1${'}'.repeat(2500)}`,
  twice: '{"a":1,"a":2,"__proto__":{"a":3}}',
  comment: '1/*x*/',
  trailing: '[1,]',
}

/** A document as text, its stand-ins replaced. */
export const toText = (document: unknown): string =>
  (JSON.stringify(document) ?? 'null').replace(/"@raw:(\w+)@"/g, (whole, name: string) => raws[name] ?? whole)

export const prototypeNames = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', 'toJSON']
export const oddNames = [
  ...prototypeNames,
  '',
  '0',
  '-1',
  '01',
  'a.b',
  'a/b',
  '~0',
  '\u0000',
  '\ud800',
  '\u{1d465}',
  ' type',
  'x'.repeat(300),
]

/** Texts that mean something somewhere. */
export const oddTexts = [
  ...oddNames,
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    'null',
    'true',
    '1e999',
    '\'; drop table "Job"; --',
    '../../etc/passwd',
    '%00',
    '{job}',
    'é́\u202e',
    '\ufeff',
  ],
]

const numbers = fc.constantFrom(
  ...[0, -0, 1, -1, 0.5, -0.5, 1e-320, 1e12, 1e300, -1e300, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 1e21],
  ...[3, 10, 200, 1001, 100_001, 10_000_001],
)

const raw = fc.constantFrom(...Object.keys(raws)).map((name) => `@raw:${name}@`)

/** Any of it. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], [{}], { type: {} }) },
  { weight: 2, arbitrary: raw },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(...prototypeNames).map((name) => Object.fromEntries([[name, { polluted: true }]])) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((length) => new Array<number>(length).fill(1)) },
)
