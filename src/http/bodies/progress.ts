import type { IncomingMessage } from 'node:http'
import { finished, type Readable } from 'node:stream'
import { Problem } from '../../contracts/error-codes.ts'

/** What a large body holds, others wait for. `isWaitedFor`: somebody does; `giveBack` lets the next one in. */
export type Share = { isWaitedFor: () => boolean; giveBack: () => void }

/** Bytes that a large body brings in each window at least, and while others wait for what it holds; `unreadMs`: how long a client may take nothing of its answer. */
export type Pace = { windowMs: number; minBytes: number; minBytesIfWaitedFor: number; unreadMs?: number }

/** 6.4 KiB/s, and 64 KiB/s while others wait, which themselves wait for two windows. */
export const defaultPace: Pace = { windowMs: 5000, minBytes: 32 * 1024, minBytesIfWaitedFor: 320 * 1024 }

/**
 * Takes a body's share back and calls `fail` if a client sends too slowly; time in which we did not read counts for nothing.
 * `body` is what the request is read through. Gives back what ends the watch, which also ends with the body.
 */
export const requireProgress = (
  raw: IncomingMessage,
  body: Readable,
  { share, pace, fail }: { share: Share; pace: Pace; fail: (problem: Problem) => void },
): (() => void) => {
  const { socket } = raw
  let read = socket.bytesRead
  const stop = (): void => clearInterval(timer)
  const timer = setInterval(() => {
    const came = socket.bytesRead - read
    read = socket.bytesRead
    const isOurs = raw.complete || raw.readableLength > 0 || body.readableLength > 0
    if (isOurs) return
    const problem = came < pace.minBytes ? stalled() : came < pace.minBytesIfWaitedFor && share.isWaitedFor() ? inTheWay() : undefined
    if (!problem) return
    stop()
    // At once: until the answer is sent, others would be ended for the same one that waits.
    share.giveBack()
    fail(problem)
  }, pace.windowMs)
  // A process need not live for it, and a body may have ended before anybody watched.
  timer.unref()
  finished(body, { writable: false }, stop)
  return stop
}

const stalled = (): Problem =>
  new Problem('MALFORMED_BODY', 'The body stopped coming', [
    { path: '/body', code: 'too_slow', message: 'comes too slowly: nothing to speak of came for seconds' },
  ])

const inTheWay = (): Problem =>
  new Problem('UNAVAILABLE', 'Others wait for their turn, and this body comes too slowly to keep it: send it again later, or faster', [
    { path: '/body', code: 'too_slow', message: 'comes too slowly while others wait' },
  ])
