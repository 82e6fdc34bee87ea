import { finished, type Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import { askForBody } from '../plugins/early-answers.ts'
import type { BodyBudget } from './body-budget.ts'
import { encodingOf } from './content-encoding.ts'
import { brokenOff } from './flow.ts'
import { tooLarge } from './limit-bytes.ts'
import { type Pace, requireProgress, type Share } from './progress.ts'

/** Bytes from which on a body counts as large: it takes of the budget, and is read in another thread. */
export const largeBody = 256 * 1024
const pieceBytes = 4 * 1024 * 1024

/**
 * The whole body in pieces, each in memory of its own. A large one first takes its share of the budget, and holds it until
 * the request is answered.
 * @throws what `refuse` says of a body beyond `limit` bytes, BODY_TOO_LARGE by itself; at once if the request says how long it is
 */
export const readBody = async (
  { raw, headers, whenAnswered }: FastifyRequest,
  payload: Readable,
  {
    limit,
    refuse = () => tooLarge(limit),
    budget,
    pace,
  }: { limit: number; refuse?: (bytes: number) => Problem; budget: BodyBudget; pace: Pace },
): Promise<Uint8Array[]> => {
  const sent = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (sent !== undefined && sent > limit) throw refuse(sent)
  // Of a compressed body it says nothing about what is read.
  const announced = encodingOf(headers['content-encoding']) ? undefined : sent
  const take = async (bytes: number): Promise<Share> => {
    const taken = await budget.take(bytes)
    whenAnswered(taken.giveBack)
    return taken
  }
  const share = announced !== undefined && announced >= largeBody ? await take(announced) : undefined
  askForBody(raw)

  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    let filled = 0
    let bytes = 0
    let isLarge = share !== undefined
    let unwatch = (): void => {}

    const fail = (error: unknown): void => {
      unwatch()
      pieces.length = 0
      reject(error)
    }
    const watch = (share: Share): void => {
      unwatch = requireProgress(raw, payload, { share, pace, fail })
    }
    const keep = (chunk: Uint8Array): void => {
      for (let from = 0; from < chunk.length; ) {
        let last = pieces.at(-1)
        if (!last || filled === last.length) {
          last = Buffer.allocUnsafeSlow(announced ?? (bytes < largeBody ? largeBody : pieceBytes))
          filled = 0
          pieces.push(last)
        }
        const part = chunk.subarray(from, from + last.length - filled)
        last.set(part, filled)
        filled += part.length
        from += part.length
      }
    }
    payload.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limit) return fail(refuse(bytes))
      keep(chunk)
      if (!isLarge && bytes >= largeBody) {
        // It did not say that it would be.
        isLarge = true
        payload.pause()
        take(limit).then((taken) => {
          payload.resume()
          watch(taken)
        }, fail)
      }
    })
    finished(payload, { writable: false }, (error) => {
      unwatch()
      if (error) return fail(error instanceof Problem ? error : brokenOff())
      const last = pieces.pop()
      resolve(last ? [...pieces, last.subarray(0, filled)] : [])
    })
    if (share) watch(share)
  })
}
