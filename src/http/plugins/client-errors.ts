/** Requests that are broken below HTTP's own rules: they never reach a route, and get a problem like all others. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Problem, type ProblemCode } from '../../contracts/error-codes.ts'
import type { NewId } from '../../features/ids.ts'
import { problemDocument } from './problem-details.ts'

/** How long a client that is still sending may take to read its answer, in milliseconds. */
const timeoutMs = 1000

/**
 * `handle` answers on the bare connection and closes it: after the answers to whole requests that came before what is broken, since those
 * have been carried out. `watch` a server before it takes requests, so that such answers are known.
 */
export const createClientErrors = (newId: NewId) => {
  const broken = new WeakSet<Socket>()
  const answering = new WeakMap<Socket, Set<ServerResponse>>()

  const watch = (server: Server): void => {
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const responses = answering.get(socket) ?? new Set()
      answering.set(socket, responses.add(response))
      response.once('close', () => responses.delete(response))
    })
  }

  const handle = (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable || broken.has(socket)) return
    // What comes after it is broken too, and needs no answer of its own.
    broken.add(socket)
    const refuse = (): void => {
      if (socket.writable) answer(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 'HEADERS_TOO_LARGE' : 'MALFORMED_REQUEST', newId('req'))
    }
    const last = [...(answering.get(socket) ?? [])].filter(({ req }) => req.complete).at(-1)
    // One that ends its connection has no room for another answer behind it.
    if (last) last.once('close', () => setImmediate(refuse))
    else refuse()
  }

  return { watch, handle }
}

const answer = (socket: Socket, code: ProblemCode, requestId: string): void => {
  const problem = new Problem(code)
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
