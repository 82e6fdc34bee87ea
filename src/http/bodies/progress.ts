import type { IncomingMessage } from 'node:http'
import { finished, type Readable } from 'node:stream'

/** A large body holds what others wait for: in each window it brings at least so many bytes, or it is given up. */
const windowMs = 10_000
const minBytes = 64 * 1024

/**
 * Calls `fail` where a client sends too slowly; time in which we did not read counts for nothing. `body` is what the request is
 * read through. Gives back what ends the watch, which also ends with the body.
 */
export const requireProgress = (raw: IncomingMessage, body: Readable, fail: () => void): (() => void) => {
  const { socket } = raw
  let read = socket.bytesRead
  const stop = (): void => clearInterval(timer)
  const timer = setInterval(() => {
    const came = socket.bytesRead - read
    read = socket.bytesRead
    const isOurs = raw.complete || raw.readableLength > 0 || body.readableLength > 0 || body.isPaused()
    if (came >= minBytes || isOurs) return
    stop()
    fail()
  }, windowMs)
  // A process need not live for it, and a body may have ended before anybody watched.
  timer.unref()
  finished(body, { writable: false }, stop)
  return stop
}
