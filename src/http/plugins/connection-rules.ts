import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Problem } from '../../contracts/error-codes.ts'
import type { App } from '../types.ts'

/** How long a client may leave what was sent to it unread before it is cut off, in milliseconds. */
const defaultUnreadMs = 60_000

/** What Node and Fastify would refuse without a problem document: requests without a Host, and those that come while the service closes. */
export const addConnectionRules = (app: App, closing: AbortSignal, unreadMs = defaultUnreadMs): void => {
  app.addHook('onRequest', async ({ raw, headers }, reply) => {
    if (closing.aborted) {
      reply.header('connection', 'close')
      throw new Problem('UNAVAILABLE', 'The service is closing')
    }
    if (raw.httpVersion === '1.1' && headers.host === undefined) throw new Problem('MALFORMED_REQUEST', 'HTTP/1.1 asks for a Host header')
  })
  dropSilentConnections(app)
  dropUnreadAnswers(app, unreadMs)
}

/** A client that asks and does not read would keep its answer here for ever. One that reads slowly is left in peace, and so is one that waits for us. */
const dropUnreadAnswers = (app: App, unreadMs: number): void => {
  app.server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    response.setTimeout(unreadMs, () => {
      if (socket.writableLength > 0) socket.destroy()
    })
  })
}

/** Node takes a connection on which nothing was asked yet for a busy one, and would wait for it when the service closes. */
const dropSilentConnections = (app: App): void => {
  const silent = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.prependListener('request', ({ socket }) => silent.delete(socket))
  app.addHook('preClose', async () => {
    // What has arrived is read first: a request that was begun gets its answer.
    await turn()
    await turn()
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy()
  })
}
