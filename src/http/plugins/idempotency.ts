/** Makes POSTs with an Idempotency-Key safe to repeat. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { toJsonAnswer } from '../../api/write-json.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { FirstRequest, IdempotencyService, Known } from '../../features/idempotency/idempotency.service.ts'
import type { OnStored } from '../../features/on-stored.ts'
import type { App } from '../types.ts'
import { addBodyHashes } from './body-hashes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request is the first of its key. */
    keyed: FirstRequest | null
    /** How the route's work is tied to the key, so that both are done or neither; undefined if there is no key. */
    onStored: (outcome: RouteOutcome) => OnStored | undefined
  }
  interface FastifyContextConfig {
    /** The answer has a secret: it is not kept, and a repeat is told of the resource. */
    showsSecret?: boolean
  }
}

/** What a route answers once its work is done; `created` gets a Location. */
type RouteOutcome = {
  status: number
  kind:
    | 'jobs'
    | 'datasets'
    | 'sweeps'
    | 'uploads'
    | 'imports'
    | 'keys'
    | 'trainers'
    | 'predictions'
    | 'webhooks'
    | 'deliveries'
    | 'webhookSecrets'
  created?: boolean
}

/** Reads what an answer was about, by the kind in its path. */
export type ResourceReaders = Record<RouteOutcome['kind'], (tenant: string, id: string) => Promise<unknown>>

/** Headers that belong to an answer and are replayed with it. */
const keptHeaders = ['content-type', 'location', 'retry-after']

/** `bodyLimit`: no body with a key is longer, in bytes. */
export const addIdempotency = (
  app: App,
  idempotency: IdempotencyService,
  { readers, bodyLimit }: { readers: ResourceReaders; bodyLimit: number },
): void => {
  app.decorateRequest('keyed', null)
  app.decorateRequest('onStored', function onStored(this: FastifyRequest, outcome: RouteOutcome) {
    return this.keyed ? idempotency.recording(this.keyed, (id) => toOutcome(outcome, id)) : undefined
  })
  addBodyHashes(app, { wanted: (request) => keyOf(request) !== undefined, limit: bodyLimit })

  app.addHook('preValidation', async (request, reply) => {
    const key = keyOf(request)
    if (key === undefined) return
    const fingerprint = (): Promise<string> => fingerprintOf(request)
    const begun = await idempotency.begin({ tenant: request.tenant, key, fingerprint, isOpen: () => !reply.raw.destroyed })
    if ('first' in begun) request.keyed = begun.first
    else return replay(request, reply, begun.known)
  })

  const replay = async ({ tenant }: FastifyRequest, reply: FastifyReply, known: Known): Promise<FastifyReply> => {
    const body = known.state === 'answered' ? known.body : toJsonAnswer(await read(tenant, known.resource))
    return reply.code(known.status).headers(known.headers).header('idempotent-replayed', 'true').send(body)
  }

  /** The answer was never sent: it is about the same resource, as that is now. */
  const read = async (tenant: string, resource: string): Promise<unknown> => {
    const [kind = '', id = ''] = resource.split('/')
    try {
      return await readers[kind as RouteOutcome['kind']](tenant, id)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'NOT_FOUND') throw error
      throw new Problem('NOT_FOUND', `What this request made has been deleted since: /v1/${resource}`)
    }
  }

  app.addHook('onSend', async (request, reply, payload) => {
    const { keyed } = request
    if (!keyed) return payload
    request.keyed = null
    // What is kept must be whole: a large answer is put together before it is sent.
    const sent = payload instanceof Readable ? await text(payload) : payload
    const body = request.routeOptions.config.showsSecret ? null : typeof sent === 'string' ? sent : sent ? null : ''
    await idempotency.end(keyed, { status: reply.statusCode, headers: headersOf(reply), body }).catch((error: unknown) => {
      request.log.warn({ err: error }, 'the answer to an Idempotency-Key could not be kept')
      void idempotency.abandon(keyed)
    })
    return sent
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

const toOutcome = ({ status, kind, created }: RouteOutcome, id: string) => ({
  status,
  resource: `${kind}/${id}`,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    ...(created ? { location: `/v1/${kind}/${id}` } : {}),
    ...(status === 202 ? { 'retry-after': '1' } : {}),
  },
})

const headersOf = (reply: FastifyReply): Record<string, string> =>
  Object.fromEntries(keptHeaders.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])))
