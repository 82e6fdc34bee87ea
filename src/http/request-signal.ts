import type { FastifyReply } from 'fastify'

/** Aborts when the client goes away or the server closes, so that nobody waits for nothing. */
export const requestSignal = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}
