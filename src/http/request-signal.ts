import type { FastifyReply } from 'fastify'

/** Aborts when the client goes away or the server closes, so that nobody waits for nothing. */
export const requestSignal = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController()
  // Listeners that are taken back: what AbortSignal.any ties to a signal stays tied to it for as long as that lives.
  const abort = (): void => gone.abort()
  closing.addEventListener('abort', abort)
  reply.raw.once('close', () => {
    closing.removeEventListener('abort', abort)
    abort()
  })
  if (closing.aborted || reply.raw.destroyed) abort()
  return gone.signal
}
