import { Transform } from 'node:stream'
import { Problem } from '../../contracts/error-codes.ts'

export const tooLarge = (limit: number): Problem => new Problem('BODY_TOO_LARGE', `The body is larger than ${limit} bytes`)

/** Passes a stream on, and fails with BODY_TOO_LARGE if it is longer than `limit` bytes. */
export const limitBytes = (limit: number): Transform => {
  let bytes = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes <= limit) done(null, chunk)
      else done(tooLarge(limit))
    },
  })
}
