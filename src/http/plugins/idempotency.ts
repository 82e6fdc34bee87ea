/** Makes POSTs with an Idempotency-Key safe to repeat. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IdempotencyService, KeyedRequest } from '../../features/idempotency/idempotency.service.ts'
import type { App } from '../types.ts'
import { addBodyHashes } from './bodies.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request is the first of its key. */
    keyed: KeyedRequest | null
  }
}

/** Headers that belong to an answer and are replayed with it. */
const keptHeaders = ['content-type', 'location', 'retry-after']

export const addIdempotency = (app: App, idempotency: IdempotencyService): void => {
  app.decorateRequest('keyed', null)
  addBodyHashes(app, (request) => keyOf(request) !== undefined)

  app.addHook('preValidation', async (request, reply) => {
    const key = keyOf(request)
    if (key === undefined) return
    const keyed = { tenant: request.tenant, key, fingerprint: () => fingerprintOf(request) }
    const known = await idempotency.begin(keyed)
    if (!known) request.keyed = keyed
    else return reply.code(known.status).headers(known.headers).header('idempotent-replayed', 'true').send(known.body)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const keyed = request.keyed
    if (!keyed) return payload
    request.keyed = null
    const body = typeof payload === 'string' ? payload : ''
    await idempotency.end(keyed, { status: reply.statusCode, headers: headersOf(reply), body }).catch(async (error: unknown) => {
      request.log.warn({ err: error }, 'the answer to an Idempotency-Key could not be kept')
      await idempotency.abandon(keyed)
    })
    return payload
  })
}

const keyOf = ({ method, headers }: FastifyRequest): string | undefined => {
  const key = headers['idempotency-key']
  return method === 'POST' && typeof key === 'string' && key.length >= 1 && key.length <= 255 ? key : undefined
}

const fingerprintOf = async ({ method, url, bodyHash }: FastifyRequest): Promise<string> =>
  createHash('sha256')
    .update(`${method} ${url}\n${(await bodyHash?.()) ?? ''}`)
    .digest('hex')

const headersOf = (reply: FastifyReply): Record<string, string> =>
  Object.fromEntries(keptHeaders.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])))
