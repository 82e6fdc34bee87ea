import type { FastifyRequest } from 'fastify'
import type { PictureFormat } from '../../api/picture.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { ApiKeys } from '../../features/keys/api-keys.ts'
import type { PictureLinks } from '../../features/links/picture-links.service.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose things this request may reach. */
    tenant: string
  }
  interface FastifyContextConfig {
    /** The format of a picture, which a link with a token shows without a key. */
    picture?: PictureFormat
  }
}

/**
 * Lets in who shows a key, as `Authorization: Bearer` or `X-Api-Key`; the key says which tenant it is. A picture is shown to who
 * has the token of a link to it too.
 */
export const addAuthentication = (app: App, keys: ApiKeys, links?: Pick<PictureLinks, 'tenantOf'>): void => {
  app.addHook('onRequest', async (request, reply) => {
    const { picture } = request.routeOptions.config
    if (links && picture && hasToken(request.query)) {
      const { id = '' } = request.params as { id?: string }
      request.tenant = await links.tenantOf(id, picture, request.url.slice(request.url.indexOf('?')))
      // Pages of other sites are what such a link is for.
      reply.header('cross-origin-resource-policy', 'cross-origin')
      return
    }
    const tenant = keys.tenantOf(secretOf(request))
    if (tenant === null) throw new Problem('UNAUTHENTICATED', 'Send your key as "Authorization: Bearer KEY"')
    request.tenant = tenant
  })
}

/** Lets in operators alone; who has a key that is none is told so. */
export const addOperatorAuthentication = (app: App, { keys, operators }: { keys: ApiKeys; operators: ApiKeys }): void => {
  app.addHook('onRequest', async (request) => {
    const secret = secretOf(request)
    if (operators.tenantOf(secret) !== null) return
    if (keys.tenantOf(secret) === null) throw new Problem('UNAUTHENTICATED', 'Send an operator\'s key as "Authorization: Bearer KEY"')
    throw new Problem('OPERATOR_ONLY', "This key is a tenant's: send one of OPERATOR_KEYS")
  })
}

const hasToken = (query: unknown): boolean => typeof query === 'object' && query !== null && 'token' in query

const secretOf = ({ headers }: FastifyRequest): string | undefined => {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const header = headers['x-api-key']
  return bearer ?? (Array.isArray(header) ? header[0] : header)
}
