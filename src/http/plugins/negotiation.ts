import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'

/**
 * The media type that a client likes best of those on offer, which are in the service's own order; the first if it does
 * not say (RFC 9110, section 12.5.1).
 * @throws Problem NOT_ACCEPTABLE listing what there is
 */
export const preferredType = (request: FastifyRequest, offered: readonly string[], shown = offered): string => {
  const saysNothing = !request.headers.accept?.trim()
  // A client may say of a text that it is to be UTF-8, which it always is.
  const spelled = offered.flatMap((type) => [type, `${type}; charset=utf-8`])
  const [preferred] = saysNothing ? offered : [request.accepts().type(spelled)].flat()
  if (preferred) return preferred.split(';')[0] ?? preferred
  const message = `there is ${shown.join(', ')}`
  throw new Problem('NOT_ACCEPTABLE', `Nothing that Accept asks for can be given; ${message}`, [
    { path: '/accept', code: 'not_acceptable', message, value: request.headers.accept },
  ])
}
