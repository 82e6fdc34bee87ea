/**
 * Answers that come before a request's body was read: refusals, most of all. A client that is still sending must get
 * them. So the answer says that the connection closes, what comes after it is read and forgotten for a while, and only
 * then is the connection closed: closed at once, it would be reset, and the answer lost on its way. (RFC 9112, 9.6)
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { App } from '../types.ts'

/** How long a client may go on sending after its answer, in all and without sending anything, and how much. */
export type LingerLimits = { totalMs: number; silentMs: number; bytes: number }

const defaultLimits: LingerLimits = { totalMs: 30_000, silentMs: 5_000, bytes: 2 ** 30 }

/** Requests that wait for 100 Continue before they send their body, and where it is to be written. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** Asks a client that waits for it to send its body. Whoever reads a body calls this first; a refusal before it comes before the body. */
export const askForBody = (request: IncomingMessage): void => {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
}

/** True while a client has not been asked for the body that it announced. */
export const isUnasked = (request: IncomingMessage): boolean => waiting.has(request)

export const addEarlyAnswers = (app: App, limits = defaultLimits): void => {
  const { server } = app
  const lingering = new Set<Socket>()

  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.set(request, response)
    server.emit('request', request, response)
  })
  // An expectation that nobody knows may be ignored (RFC 9110, 10.1.1); Node would answer 417 with nothing in it.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response))

  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hasBody(request)) return
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
    response.writeHead = (...args: unknown[]) => {
      if (!request.complete && !response.headersSent) {
        response.setHeader('connection', 'close')
        closeLate(request)
      }
      return writeHead(...args)
    }
  })

  /** Puts off the end of the connection, which Node brings about with `destroySoon` once the answer is written. */
  const closeLate = (request: IncomingMessage): void => {
    const { socket } = request
    socket.destroySoon = () => {
      lingering.add(socket)
      let left = limits.bytes
      let silent = setTimeout(() => socket.destroy(), limits.silentMs)
      const total = setTimeout(() => socket.destroy(), limits.totalMs)
      const closeOnceWritten = (): void => {
        if (socket.writableFinished) socket.destroy()
        else socket.once('finish', () => socket.destroy())
      }
      socket.once('close', () => {
        clearTimeout(silent)
        clearTimeout(total)
        lingering.delete(socket)
      })
      request.on('error', () => {})
      request.once('end', closeOnceWritten)
      request.on('data', (chunk: Buffer) => {
        left -= chunk.length
        if (left < 0) socket.destroy()
        clearTimeout(silent)
        silent = setTimeout(() => socket.destroy(), limits.silentMs)
      })
      request.unpipe()
      request.resume()
      socket.end()
      if (request.complete && request.readableEnded) closeOnceWritten()
    }
  }

  app.addHook('preClose', async () => {
    for (const socket of lingering) socket.destroy()
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
