/** Answers that change with a release only: compressed once, kept, and not sent again to a client that has them. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { entityTag, isKnown } from '../entity-tags.ts'
import type { App } from '../types.ts'

type Encoding = 'br' | 'gzip'
type Kept = { payload: string; etag: string; encoded: Map<Encoding, Promise<Buffer>> }

/** Characters below which compressing saves nothing worth its time. */
const smallPayload = 1024

/** Off the event loop; a few tenths of a second for the largest, once. */
const encoders: Record<Encoding, (text: string) => Promise<Buffer>> = {
  br: (text) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (text) => promisify(gzip)(text),
}

/**
 * Treats every text that the routes of `app` answer with so. `cacheControl` says by route for how long a client need not ask.
 * Never for streams: these pass as they are.
 */
export const addStaticAnswers = (app: App, cacheControl: (route: string) => string): void => {
  const keptByRoute = new Map<string, Kept>()

  const keep = (route: string, payload: string): Kept => {
    const known = keptByRoute.get(route)
    // The same string again and again, which is seen without reading it.
    if (known?.payload === payload) return known
    const kept = { payload, etag: entityTag(payload), encoded: new Map() }
    keptByRoute.set(route, kept)
    return kept
  }

  app.addHook('onSend', async (request, reply, payload) => {
    const route = request.routeOptions.url ?? ''
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const { etag, encoded } = keep(route, payload)
    const encoding = payload.length < smallPayload ? undefined : encodingFor(request)
    const tag = `"${etag}${encoding ? `-${encoding}` : ''}"`
    reply.header('cache-control', cacheControl(route)).header('etag', tag)
    addVary(reply, 'Accept-Encoding')
    if (isKnown(request, tag)) {
      reply.code(304).removeHeader('content-type').removeHeader('content-length')
      return null
    }
    if (!encoding) return payload
    const compressed = encoded.get(encoding) ?? encoders[encoding](payload)
    encoded.set(encoding, compressed)
    reply.header('content-encoding', encoding).removeHeader('content-length')
    return compressed
  })
}

const encodingFor = (request: FastifyRequest): Encoding | undefined => {
  const accepted = [request.accepts().encodings()].flat()
  return (['br', 'gzip'] as const).find((encoding) => accepted.includes(encoding))
}

const addVary = (reply: FastifyReply, name: string): void => {
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? name : `${vary}, ${name}`)
}
