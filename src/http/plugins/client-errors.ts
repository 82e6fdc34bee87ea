/** Requests that are broken below HTTP's own rules: they never reach a route, and get a problem like all others. */
import type { Socket } from 'node:net'
import { Problem } from '../../contracts/error-codes.ts'
import type { NewId } from '../../features/ids.ts'
import { problemDocument } from './problem-details.ts'

/** How long a client that is still sending may take to read its answer, in milliseconds. */
const timeoutMs = 1000

/** Answers on the bare connection and closes it. */
export const createClientErrorHandler =
  (newId: NewId) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const problem = new Problem(error.code === 'HPE_HEADER_OVERFLOW' ? 'HEADERS_TOO_LARGE' : 'MALFORMED_REQUEST')
    const requestId = newId('req')
    const body = JSON.stringify(problemDocument(problem, { instance: '/', requestId }))
    const head = [
      `HTTP/1.1 ${problem.status} ${problem.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
    // Closed at once, what the client goes on sending would reset the connection before it has read the answer.
    setTimeout(() => socket.destroy(), timeoutMs).unref()
  }
