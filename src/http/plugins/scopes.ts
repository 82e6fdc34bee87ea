/** What a key must be allowed to do for a route: said once, where the route is, and published with it. */
import type { FastifyRequest } from 'fastify'
import type { Scope } from '../../api/key.schema.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { type Caller, includes } from '../../features/keys/key.ts'
import { shown } from '../../validation/validation-errors.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key needs to be asked here; unless given, `read` for GET and `write` for all else. */
    scope?: Scope
    /** An operator need not say which tenant is meant. */
    withoutTenant?: boolean
  }
}

/** Gives every route that follows its scope, and the document the scope of every route. */
export const addScopes = (app: App): void => {
  app.addHook('onRoute', (route) => {
    const scope = route.config?.scope ?? ([route.method].flat().every((method) => reading.has(method)) ? 'read' : 'write')
    route.config = { ...route.config, scope }
    route.schema = { ...route.schema, security: [{ bearer: [scope] }, { apiKey: [scope] }, {}] }
  })
}

/** @throws Problem INSUFFICIENT_SCOPE naming the scope that is needed */
export const requireScope = (caller: Caller, { scope = 'admin' }: { scope?: Scope }): void => {
  if (includes(caller.scope, scope)) return
  const message = `must be of a key with the scope ${scope}; this one has ${caller.scope}`
  throw new Problem('INSUFFICIENT_SCOPE', `This needs a key with the scope ${scope}, and this one has ${caller.scope}`, [
    { path: '/authorization', code: 'insufficient_scope', message },
  ])
}

/**
 * Whose things a request is about: the key's tenant, and for an operator the one that `X-Tenant` names.
 * @throws Problem MALFORMED_REQUEST if an operator names none, INSUFFICIENT_SCOPE if anyone else names another than its own
 */
export const tenantFor = (caller: Caller, { headers, routeOptions }: FastifyRequest): string | null => {
  const named = [headers['x-tenant'] ?? []].flat().join(', ')
  if (named === '' && (caller.tenant !== null || routeOptions.config.withoutTenant)) return caller.tenant
  if (caller.tenant === null && tenantName.test(named)) return named
  if (caller.tenant === named) return named
  const [code, message] =
    caller.tenant === null
      ? ([
          'MALFORMED_REQUEST',
          `must name the tenant that an operator's key acts for, in letters, digits, dots, dashes and underscores`,
        ] as const)
      : (['INSUFFICIENT_SCOPE', "must be left out, or name this key's own tenant: only an operator's key acts for others"] as const)
  throw new Problem(code, `X-Tenant ${message}`, [
    { path: '/x-tenant', code: named === '' ? 'required' : 'not_allowed', message, ...(named === '' ? {} : shown(named)) },
  ])
}

const reading = new Set(['GET', 'HEAD'])
const tenantName = /^[A-Za-z0-9._-]{1,200}$/
