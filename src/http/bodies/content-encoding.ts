/** Bodies that come compressed: what a Content-Encoding may be, and the body as it was before. */
import { Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Problem } from '../../contracts/error-codes.ts'
import { flowInto } from './flow.ts'
import type { ZstdAnswer, ZstdQuestion } from './unzstd.ts'

export const contentEncodings = ['gzip', 'zstd'] as const
export type ContentEncoding = (typeof contentEncodings)[number]
/** What decompresses Zstandard elsewhere than on the event loop. */
export type AskZstd = (question: ZstdQuestion) => Promise<ZstdAnswer>

/** How many times as large as it came a body may be, once it is larger than `free`: what a table comes to, and no bomb does. */
const ratio = { most: 250, free: 64 * 1024 * 1024 }

/** The encoding that a header names; null if there is none to speak of. @throws Problem UNSUPPORTED_MEDIA_TYPE if nobody here knows it */
export const encodingOf = (header: string | undefined, allowed: readonly ContentEncoding[] = contentEncodings): ContentEncoding | null => {
  const name = (header ?? '')
    .trim()
    .toLowerCase()
    .replace(/^x-gzip$/, 'gzip')
  if (name === '' || name === 'identity') return null
  const known = allowed.find((encoding) => encoding === name)
  if (known) return known
  const message =
    allowed.length > 0
      ? `must be ${allowed.join(' or ')}, one of them and once, or be left out`
      : `must be left out: send the body as it is, without ${header}`
  const error = { path: '/content-encoding', code: 'unsupported_encoding', message, value: header ?? '' }
  throw new Problem('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding ${message}`, [error])
}

/**
 * A body as it was before it was compressed. It fails with MALFORMED_BODY if it is not what it is said to be or is not whole, and with
 * BODY_TOO_LARGE if it grows beyond all measure; how long it may be is for its reader to say.
 */
export const decompress = (body: Readable, encoding: ContentEncoding, askZstd: AskZstd): Readable => {
  const came = countBytes()
  const counted = flowInto(body, came.stream)
  const plain = encoding === 'gzip' ? flowInto(counted, createGunzip()) : Readable.from(unzstd(counted, askZstd), { objectMode: false })
  const bounded = boundRatio(came.count)
  plain.once('error', (error) => bounded.destroy(error instanceof Problem ? error : notWhole(encoding, error)))
  // As pipe does, but what nobody wants any more is not decompressed any further.
  bounded.once('close', () => plain.destroy())
  plain.pipe(bounded)
  return bounded
}

const countBytes = () => {
  let bytes = 0
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { stream, count: (): number => bytes }
}

const boundRatio = (came: () => number): Transform => {
  let bytes = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes > ratio.free && bytes > ratio.most * came()) done(bomb())
      else done(null, chunk)
    },
  })
}

let streams = 0

async function* unzstd(source: Readable, ask: AskZstd): AsyncGenerator<Uint8Array> {
  const stream = ++streams
  let isOver = false
  const answerTo = async (question: ZstdQuestion) => {
    const answer = await ask(question)
    if ('wrong' in answer) throw new Error(answer.wrong)
    return answer
  }
  try {
    for await (const bytes of source) {
      let question: ZstdQuestion = { stream, bytes }
      for (let isMore = true; isMore; question = { stream, more: true }) {
        const answer = await answerTo(question)
        yield* answer.pieces
        isMore = answer.isMore
      }
    }
    isOver = true
    yield* (await answerTo({ stream, last: true })).pieces
  } finally {
    if (!isOver) void ask({ stream, forget: true }).catch(() => {})
  }
}

const notWhole = (encoding: ContentEncoding, { message }: Error): Problem =>
  new Problem('MALFORMED_BODY', `The body is not ${encoding}, or not all of it`, [
    { path: '/body', code: `malformed_${encoding}`, message: `cannot be decompressed: ${message}` },
  ])

const bomb = (): Problem => {
  const message = `comes to more than ${ratio.most} times what was sent, and more than ${ratio.free} bytes: send it without Content-Encoding`
  return new Problem('BODY_TOO_LARGE', `The body ${message}`, [{ path: '/body', code: 'compression_ratio', message }])
}
