/** Zstandard in steps: each gives about a mebibyte of what a stream comes to, so that nothing a stream says makes one large. */
import { Decompress } from 'fzstd'

/** What is asked of a stream: to take the next of its bytes (`last` if there are no others), to go on with those that it has, or to be forgotten. */
export type ZstdQuestion = { stream: number } & ({ bytes: Uint8Array } | { last: true } | { more: true } | { forget: true })
/** The next bytes of the stream; `isMore` if it can go on without being given others. `wrong`: it is not Zstandard, or is not whole. */
export type ZstdAnswer = { pieces: Uint8Array[]; isMore: boolean } | { wrong: string }

/** The most that a decoder has to look back on (RFC 9659). */
const windowBytes = 8 * 1024 * 1024
const stepBytes = 1024 * 1024
/** What is read at once: 128 KiB may come of every four bytes. */
const sliceBytes = 256

/** A decoder of any number of streams. */
export const createZstdDecoder = () => {
  const streams = new Map<number, ReturnType<typeof openStream>>()

  const take = (question: ZstdQuestion): ZstdAnswer => {
    if ('forget' in question) return { pieces: [], isMore: false }
    const stream = streams.get(question.stream) ?? openStream()
    streams.set(question.stream, stream)
    if ('last' in question) return stream.end()
    return stream.step('bytes' in question ? question.bytes : undefined)
  }

  const answer = async (question: ZstdQuestion): Promise<ZstdAnswer> => {
    let isOver = 'forget' in question || 'last' in question
    try {
      return take(question)
    } catch (error) {
      isOver = true
      return { wrong: error instanceof Error ? error.message : String(error) }
    } finally {
      if (isOver) streams.delete(question.stream)
    }
  }
  return answer
}

const openStream = () => {
  let given: Uint8Array = new Uint8Array()
  let pieces: Uint8Array[] = []
  let bytes = 0
  let isBegun = false
  const decoder: Decompress = new Decompress((piece) => {
    // Asked before the window is written to for the first time: until then it is no more than a number.
    if (windowOf(decoder) > windowBytes) throw new Error(`it needs a window of more than ${windowBytes} bytes`)
    // The decoder goes on to use its memory.
    if (piece.length > 0) pieces.push(piece.slice())
    bytes += piece.length
  })

  const taken = (): Uint8Array[] => {
    const all = pieces
    pieces = []
    bytes = 0
    return all
  }

  const step = (next?: Uint8Array): ZstdAnswer => {
    if (next) given = given.length > 0 ? Buffer.concat([given, next]) : next
    while (given.length > 0 && bytes < stepBytes) {
      decoder.push(given.subarray(0, sliceBytes))
      isBegun = true
      given = given.subarray(sliceBytes)
    }
    return { pieces: taken(), isMore: given.length > 0 }
  }

  const end = (): ZstdAnswer => {
    if (isBegun) decoder.push(new Uint8Array(), true)
    return { pieces: taken(), isMore: false }
  }
  return { step, end }
}

/** The window that the frame at hand asks for: the decoder has no name for it, and no limit below 2 GiB. */
const windowOf = (decoder: Decompress): number => {
  const { s: frame } = decoder as unknown as { s?: { e?: number } | number }
  return typeof frame === 'object' ? (frame.e ?? 0) : 0
}
