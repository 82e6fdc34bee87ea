import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import type { ApiKeys } from '../../features/keys/api-keys.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose things this request may reach. */
    tenant: string
  }
}

/** Lets in who shows a key, as `Authorization: Bearer` or `X-Api-Key`; the key says which tenant it is. */
export const addAuthentication = (app: App, keys: ApiKeys): void => {
  app.addHook('onRequest', async (request) => {
    const tenant = keys.tenantOf(secretOf(request))
    if (tenant === null) throw new Problem('UNAUTHENTICATED', 'Send your key as "Authorization: Bearer KEY"')
    request.tenant = tenant
  })
}

const secretOf = ({ headers }: FastifyRequest): string | undefined => {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  const header = headers['x-api-key']
  return bearer ?? (Array.isArray(header) ? header[0] : header)
}
