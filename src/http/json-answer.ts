/** JSON answers of any size: a small one is a string, a large one is written piece by piece while others are served. */
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { JsonText } from '../api/json-text.ts'

/** Characters of an answer that is sent in one piece, and of the pieces of a larger one. */
const pieceLength = 64 * 1024
/** Values that are made text at a time. */
const valuesAtOnce = 512

/** Text, or a list that is still being read. */
type Token = string | AsyncIterable<unknown>

/**
 * The JSON of a value: a string where it is short, else a stream that gives other requests a turn after every piece and
 * reads no faster than the client does. An async iterable in the value becomes an array, item by item.
 */
export const toJsonAnswer = (value: unknown): string | Readable => {
  const tokens = tokensOf(value)
  let text = ''
  for (let next = tokens.next(); !next.done; next = tokens.next()) {
    if (typeof next.value === 'string') text += next.value
    if (typeof next.value === 'string' && text.length <= pieceLength) continue
    const rest = typeof next.value === 'string' ? tokens : following(next.value, tokens)
    return Readable.from(piecesOf(text, rest), { highWaterMark: 1 })
  }
  return text
}

/** Short texts put together, and long ones cut, into pieces. */
async function* piecesOf(start: string, rest: Iterable<Token>): AsyncGenerator<string> {
  let text = start
  for await (const more of textsOf(rest)) {
    text += more
    if (text.length < pieceLength) continue
    for (let from = 0; from < text.length; from += pieceLength) {
      yield text.slice(from, from + pieceLength)
      await turn()
    }
    text = ''
  }
  if (text !== '') yield text
}

async function* textsOf(tokens: Iterable<Token>): AsyncGenerator<string> {
  for (const token of tokens) {
    if (typeof token === 'string') {
      yield token
      continue
    }
    let separator = '['
    for await (const item of token) {
      yield separator
      yield* textsOf(tokensOf(item))
      separator = ','
    }
    yield separator === '[' ? '[]' : ']'
  }
}

function* following(first: Token, rest: Iterable<Token>): Generator<Token> {
  yield first
  yield* rest
}

function* tokensOf(value: unknown): Generator<Token> {
  if (value instanceof JsonText) yield value.text
  else if (isAsyncIterable(value)) yield value
  else if (!isContainer(value) || isShort(value)) yield JSON.stringify(value) ?? 'null'
  else if (isList(value)) yield* listTokens(value)
  else yield* objectTokens(value)
}

function* listTokens(values: List): Generator<Token> {
  yield '['
  for (let from = 0; from < values.length; ) {
    if (from > 0) yield ','
    const some: unknown[] = Array.from(values.slice(from, from + valuesAtOnce))
    const end = some.findIndex(isContainer)
    // A run of numbers or texts at once, else one value that is large by itself.
    if (end === 0) yield* tokensOf(some[0])
    else yield JSON.stringify(end < 0 ? some : some.slice(0, end)).slice(1, -1)
    from += end === 0 ? 1 : end < 0 ? some.length : end
  }
  yield ']'
}

function* objectTokens(object: object): Generator<Token> {
  let separator = '{'
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || typeof value === 'function') continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* tokensOf(value)
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

/** Typed arrays are lists of numbers too. */
type List = readonly unknown[] | Float64Array | Float32Array

const isList = (value: object): value is List => Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Date)

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> => isContainer(value) && Symbol.asyncIterator in value

/** Whether a value is so small that it can be made text at once. */
const isShort = (value: object): boolean => countDown(value, valuesAtOnce) >= 0

/** What is left of a budget of values after those inside of a value; below 0 where it is too large or no plain JSON. */
const countDown = (value: unknown, budget: number): number => {
  if (!isContainer(value)) return budget - 1
  if (value instanceof JsonText || isAsyncIterable(value) || ArrayBuffer.isView(value)) return -1
  let left = budget - 1
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    left = countDown(inner, left)
    if (left < 0) return left
  }
  return left
}
