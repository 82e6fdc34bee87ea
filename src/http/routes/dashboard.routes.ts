/** The page at /: its own paths all answer the one document, whose script shows what the path names. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import type { DashboardFile, DashboardFiles } from '../dashboard-files.ts'
import { isKnown } from '../entity-tags.ts'
import type { App } from '../types.ts'

/** Paths of the views, as src/dashboard/routes.ts has them. */
const pages = ['/', '/jobs', '/jobs/:id', '/compare', '/datasets', '/datasets/:id', '/new', '/learn', '/learn/:chapter']

/** Nothing but the service's own files runs, is shown or is asked; no other page may frame it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Adds the page to those of its paths that a browser asks for; nothing at all if it was not built. It holds no data, so it needs no key. */
export const addDashboardRoutes = (app: App, { files }: { files: DashboardFiles | undefined }): void => {
  if (!files) return
  const { index, assets } = files

  for (const path of pages) {
    app.get(path, { schema: { hide: true } }, (request, reply) => {
      reply.header('vary', 'Accept, Accept-Encoding')
      if (request.accepts().type(['application/problem+json', 'text/html']) !== 'text/html' && !takesAnything(request))
        throw new Problem('NOT_FOUND', `There is nothing at ${request.url.split('?')[0]} but a page for browsers; the API is at /v1`)
      return answer(request, reply.header('content-security-policy', contentSecurityPolicy), index, 'no-cache')
    })
  }

  app.get<{ Params: { name: string } }>('/assets/:name', { schema: { hide: true } }, (request, reply) => {
    const file = assets.get(request.params.name)
    if (!file) throw new Problem('NOT_FOUND', 'There is no such file')
    reply.header('vary', 'Accept-Encoding')
    // Names have a hash of the content in them.
    return answer(request, reply, file, 'public, max-age=31536000, immutable')
  })
}

const takesAnything = ({ headers }: FastifyRequest): boolean => /^\s*(\*\/\*.*)?$/.test(headers.accept ?? '')

const answer = (request: FastifyRequest, reply: FastifyReply, { type, etag, bytes }: DashboardFile, cacheControl: string): FastifyReply => {
  const accepted = [request.accepts().encodings()].flat()
  const encoding = (['br', 'gzip'] as const).find((name) => bytes[name] && accepted.includes(name))
  const tag = `"${etag}${encoding ? `-${encoding}` : ''}"`
  reply.headers({ 'cache-control': cacheControl, etag: tag })
  if (isKnown(request, tag)) return reply.code(304).send()
  if (encoding) reply.header('content-encoding', encoding)
  return reply.type(type).send((encoding && bytes[encoding]) ?? bytes.identity)
}
