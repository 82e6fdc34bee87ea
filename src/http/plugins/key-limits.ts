/** How many requests a key may send in a minute, if that is limited. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import type { App } from '../types.ts'

const windowSeconds = 60

/** Counts a request of its caller; each API process counts for itself. The headers are those of the IETF's draft (RateLimit header fields). */
export const createKeyLimits = (app: App) => {
  const count = app.createRateLimit({
    max: ({ caller }) => caller.rateLimit ?? 0,
    keyGenerator: ({ caller }) => caller.id,
    timeWindow: windowSeconds * 1000,
  })

  /** @throws Problem RATE_LIMITED once the minute's requests are used up */
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const max = request.caller.rateLimit
    if (max === null) return
    const counted = await count(request)
    if (counted.isAllowed) return
    reply.header('ratelimit-policy', `"key";q=${max};w=${windowSeconds}`)
    reply.header('ratelimit', `"key";r=${counted.remaining};t=${counted.ttlInSeconds}`)
    if (!counted.isExceeded) return
    reply.header('retry-after', String(Math.max(1, counted.ttlInSeconds)))
    throw new Problem('RATE_LIMITED', `This key may send ${max} requests a minute: go on in ${counted.ttlInSeconds} s`)
  }
}

export type KeyLimits = ReturnType<typeof createKeyLimits>
