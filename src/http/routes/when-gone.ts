import type { FastifyReply } from 'fastify'
import { brokenOff } from '../bodies/flow.ts'

/** Aborts when the client goes away. */
export const whenGone = ({ raw }: FastifyReply): AbortSignal => {
  const gone = new AbortController()
  raw.once('close', () => gone.abort(brokenOff()))
  return gone.signal
}
