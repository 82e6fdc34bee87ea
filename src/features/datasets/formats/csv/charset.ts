/** How the text of a file is encoded, and its bytes as UTF-8. */

import { Problem } from '../../../../contracts/error-codes.ts'
import { type Charset, charsets } from '../../../../contracts/table-limits.ts'

/** Bytes that tell an encoding without a mark. */
const lookedAt = 4096

/**
 * How a file that begins so is encoded: as its own mark says, else as was said, else what its zeros look like, else UTF-8.
 * @throws Problem VALIDATION_FAILED if its media type says something that is not known
 */
export const requireCharset = (beginning: Uint8Array, { said, contentType }: { said?: Charset; contentType?: string }): Charset => {
  const name = charsetOf(contentType)
  const named = name === undefined ? undefined : aliases[name]
  if (name !== undefined && named === undefined) throw unknownCharset(name)
  return markOf(beginning) ?? said ?? (named === 'utf-8' ? undefined : named) ?? charsetOfZeros(beginning) ?? 'utf-8'
}

const aliases: Record<string, Charset | undefined> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'iso-8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'latin-1': 'iso-8859-1',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
}

/** Turns pieces of a file into UTF-8 without a byte-order mark. What is UTF-8 already stays as it is, right or wrong. */
export const createTranscoder = (charset: Charset): { write: (piece: Uint8Array) => Uint8Array; end: () => Uint8Array } => {
  if (charset === 'utf-8') return createMarkRemover()
  const decoder = new TextDecoder(charset, { fatal: true })
  const decode = (read: () => string): Uint8Array => {
    try {
      return Buffer.from(read())
    } catch {
      const message = `is not ${charset}`
      throw new Problem('MALFORMED_BODY', `The file is not ${charset}`, [{ path: '/body', code: 'text', message }])
    }
  }
  return {
    write: (piece) => decode(() => decoder.decode(piece, { stream: true })),
    end: () => decode(() => decoder.decode()),
  }
}

/** What a media type says: `text/csv; charset=iso-8859-1`. */
const charsetOf = (contentType = ''): string | undefined => /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1]?.toLowerCase()

const unknownCharset = (name: string): Problem => {
  const message = `is not a known encoding; there are ${charsets.join(', ')}`
  return new Problem('VALIDATION_FAILED', undefined, [{ path: '/charset', code: 'unknown_charset', message, value: name }])
}

/** What a byte-order mark says. */
const markOf = ([first, second, third]: Uint8Array): Charset | undefined => {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : undefined
}

/** Text of western languages in UTF-16 has a zero in nearly every unit, and on one side alone. */
const charsetOfZeros = (beginning: Uint8Array): Charset | undefined => {
  const looked = beginning.subarray(0, Math.min(lookedAt, beginning.length - (beginning.length % 2)))
  let [even, odd] = [0, 0]
  for (let at = 0; at < looked.length; at++)
    if (looked[at] === 0) {
      if (at % 2 === 0) even++
      else odd++
    }
  const most = looked.length / 2
  if (odd > 0.6 * most && even === 0) return 'utf-16le'
  return even > 0.6 * most && odd === 0 ? 'utf-16be' : undefined
}

/** Gets the beginning of a file whole. */
const createMarkRemover = () => {
  let isFirst = true
  const write = (piece: Uint8Array): Uint8Array => {
    const hasMark = isFirst && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf
    isFirst = false
    return hasMark ? piece.subarray(3) : piece
  }
  return { write, end: () => new Uint8Array() }
}
