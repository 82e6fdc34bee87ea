import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PictureFormat } from '../../api/picture.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { Caller } from '../../features/keys/key.ts'
import type { Keyring } from '../../features/keys/keyring.ts'
import type { PictureLinks } from '../../features/links/picture-links.service.ts'
import type { App } from '../types.ts'
import type { KeyLimits } from './key-limits.ts'
import { requireScope, tenantFor } from './scopes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose things this request may reach. */
    tenant: string
    /** Whose key it was sent with. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** The format of a picture, which a link with a token shows without a key. */
    picture?: PictureFormat
  }
}

type AuthenticationOptions = { keys: Keyring; links: Pick<PictureLinks, 'tenantOf'>; countRequest: KeyLimits }

/**
 * Lets in who shows a key, as `Authorization: Bearer` or `X-Api-Key`, that may do what the route asks for; the key says which tenant it
 * is. A picture is shown to who has the token of a link to it too.
 */
export const addAuthentication = (app: App, { keys, links, countRequest }: AuthenticationOptions): void => {
  app.addHook('onRequest', async (request, reply) => {
    const { config } = request.routeOptions
    if (config.picture && hasToken(request.query)) {
      const { id = '' } = request.params as { id?: string }
      request.tenant = await links.tenantOf(id, config.picture, request.url.slice(request.url.indexOf('?')))
      // Pages of other sites are what such a link is for.
      reply.header('cross-origin-resource-policy', 'cross-origin')
      return
    }
    const caller = await authenticate(keys, request)
    request.caller = caller
    await countRequest(request, reply)
    requireScope(caller, config)
    request.tenant = tenantFor(caller, request) ?? ''
    endWithKey(keys, caller, reply)
  })
}

/** Lets in operators alone if there are such, else whoever has a key; who has a key that is none of an operator is told so. */
export const addOperatorAuthentication = (app: App, keys: Keyring): void => {
  app.addHook('onRequest', async (request) => {
    const { scope } = await authenticate(keys, request)
    if (keys.hasOperators && scope !== 'operator') throw new Problem('OPERATOR_ONLY', "This key is a tenant's: send one of OPERATOR_KEYS")
  })
}

/** @throws Problem UNAUTHENTICATED */
const authenticate = async (keys: Keyring, request: FastifyRequest): Promise<Caller> => {
  const caller = await keys.find(secretOf(request))
  if (caller === null) throw new Problem('UNAUTHENTICATED', 'Send your key as "Authorization: Bearer KEY"')
  return caller
}

/** A stream or a wait that goes on ends with the key that asked for it. */
const endWithKey = (keys: Keyring, caller: Caller, { raw }: FastifyReply): void => {
  if (caller.key !== null)
    raw.once(
      'close',
      keys.hold(caller, () => raw.destroy()),
    )
}

const hasToken = (query: unknown): boolean => typeof query === 'object' && query !== null && 'token' in query

const secretOf = ({ headers }: FastifyRequest): string | undefined => {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const header = headers['x-api-key']
  return bearer ?? (Array.isArray(header) ? header[0] : header)
}
