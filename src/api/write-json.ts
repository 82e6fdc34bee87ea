/** How values of any size become JSON: in pieces, between which others have their turn. */
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { toJsonNumbers } from './numbers.ts'

/**
 * A value that is JSON already, as the database keeps it: it goes into an answer as it is, since reading and writing a
 * large one again would stop everybody else.
 */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For whoever writes an answer in one piece. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

/** Characters of what is sent in one piece, and of the pieces of what is larger. */
const pieceLength = 64 * 1024
/** Values that are made text at a time. */
const valuesAtOnce = 512

/** Text, or a list that is still being read. */
type Token = string | AsyncIterable<unknown>

/**
 * The JSON of a value as an answer: a string if it is short, else a stream that gives other requests a turn after every piece and
 * reads no faster than the client does. An async iterable in the value becomes an array, item by item; a typed array becomes
 * one too, in which what is not finite has its name.
 */
export const toJsonAnswer = (value: unknown): string | Readable => {
  const { short, pieces } = begin(value)
  return pieces ? Readable.from(pieces, { highWaterMark: 1 }) : short
}

/** The same as pieces for whoever sends them. */
export async function* toJsonPieces(value: unknown): AsyncGenerator<string> {
  const { short, pieces } = begin(value)
  if (pieces) yield* pieces
  else yield short
}

/** The same as one text, for a statement. */
export const toJsonText = async (value: unknown): Promise<string> => {
  const pieces: string[] = []
  for await (const piece of toJsonPieces(value)) pieces.push(piece)
  return pieces.join('')
}

/** Makes text of a value's beginning; of one that is not short the pieces follow. */
const begin = (value: unknown): { short: string; pieces?: AsyncGenerator<string> } => {
  const tokens = tokensOf(value)
  let text = ''
  for (let next = tokens.next(); !next.done; next = tokens.next()) {
    if (typeof next.value === 'string') text += next.value
    if (typeof next.value === 'string' && text.length <= pieceLength) continue
    const rest = typeof next.value === 'string' ? tokens : following(next.value, tokens)
    return { short: '', pieces: piecesOf(text, rest) }
  }
  return { short: text }
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
    const some: readonly unknown[] = Array.isArray(values)
      ? values.slice(from, from + valuesAtOnce)
      : toJsonNumbers(values.subarray(from, from + valuesAtOnce))
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
type List = unknown[] | Float64Array | Float32Array

const isList = (value: object): value is List => Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Date)

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> => isContainer(value) && Symbol.asyncIterator in value

/** Whether a value is so small that it can be made text at once. */
const isShort = (value: object): boolean => countDown(value, valuesAtOnce) >= 0

/** What is left of a budget of values after those inside of a value; below 0 if it is too large or no plain JSON. */
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
