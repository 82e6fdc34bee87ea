import { type Duplex, finished, type Readable } from 'node:stream'
import { Problem } from '../../contracts/error-codes.ts'

/**
 * Sends a body through another stream, as pipe does, with every way of ending heard: a body that breaks off ends the other
 * stream with a problem, whoever reads that; and if nobody reads it any more, the rest of the body is read and forgotten.
 * `pipeline` would destroy the request instead, and with it the connection that its refusal is to be sent on.
 */
export const flowInto = <Next extends Duplex>(body: Readable, next: Next): Next => {
  next.on('error', ignore)
  finished(body, { writable: false }, (error) => {
    if (error) next.destroy(error instanceof Problem ? error : brokenOff())
  })
  finished(next, () => {
    body.unpipe(next)
    body.resume()
  })
  return body.pipe(next)
}

/** For streams whose failure is told elsewhere: without a listener an error ends the process. */
export const ignore = (): void => {}

/** What becomes of a request whose client went away in the middle. */
export const brokenOff = (): Problem =>
  new Problem('MALFORMED_BODY', 'The body broke off', [{ path: '/body', code: 'malformed', message: 'ends before it is complete' }])
