/**
 * Who may speak to this service at all. Without keys nothing but the machine's own boundary protects it, and a browser is
 * inside: a page of any site could send it requests, or reach it under a name of its own. So the Host must be this machine's,
 * or one of ALLOWED_HOSTS, and pages of other origins are refused unless CORS_ORIGINS names them.
 */
import cors from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import { shown } from '../../validation/validation-errors.ts'
import { type Caller, type CallerError, createHostRule, hostError, normalizeOrigin, originError } from '../hosts.ts'
import type { App } from '../types.ts'

export type CallerRules = {
  /** No keys are configured. With keys a foreign page cannot act, since browsers add no key by themselves. */
  open: boolean
  /** Hosts other than this machine's; with keys they are asked for only if there are any. */
  allowedHosts: readonly string[]
  /** Origins whose pages may use the API and read its answers. */
  corsOrigins: readonly string[]
}

/** Asked by whoever watches the process, under any name; it tells nothing. */
const openToAll = '/healthz'

/** What a page of another origin may read of an answer besides its body. */
const exposedHeaders = [
  ...['Location', 'Retry-After', 'X-Request-Id', 'Idempotent-Replayed', 'Allow', 'Content-Disposition', 'ETag', 'WWW-Authenticate'],
  ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit', 'RateLimit-Policy'],
]

/** Seconds for which a browser need not ask again whether it may. */
const preflightSeconds = 600

/** Refuses other callers before anything of the request is read, and answers preflights. */
export const addCallerRules = async (app: App, { open, allowedHosts, corsOrigins }: CallerRules): Promise<void> => {
  const isAllowedHost = createHostRule(allowedHosts)
  const origins = new Set(corsOrigins.map(normalizeOrigin))
  const checksHosts = open || allowedHosts.length > 0

  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url === openToAll) return
    const caller = callerOf(request)
    const error = (checksHosts ? hostError(caller, isAllowedHost) : undefined) ?? (open ? originError(caller, origins) : undefined)
    if (error) throw toProblem(error)
  })

  if (origins.size === 0) return
  await app.register(cors, {
    origin: (origin, decide) => decide(null, origin !== undefined && origins.has(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: preflightSeconds,
    strictPreflight: false,
  })
}

/** A target may be absolute, and then it is what counts (RFC 9112, section 3.2.2); a Host may be sent twice. */
const callerOf = ({ raw, headers, method }: FastifyRequest): Caller => {
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(raw.url ?? '')?.[1]
  const sent = raw.rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === 'host')
  return {
    method,
    hosts: target === undefined ? sent : [target, ...sent],
    origin: headers.origin,
    fetchSite: text(headers['sec-fetch-site']),
    fetchMode: text(headers['sec-fetch-mode']),
  }
}

const text = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header.join(', ') : header)

const advice = {
  HOST_NOT_ALLOWED: 'speak to localhost or 127.0.0.1, or name this host in ALLOWED_HOSTS',
  ORIGIN_NOT_ALLOWED: 'is not a page of this service: name its origin in CORS_ORIGINS',
} as const

const toProblem = ({ code, header, value }: CallerError): Problem => {
  const message = `${value === undefined ? 'is missing' : 'is not allowed'}: ${advice[code]}`
  return new Problem(code, `${header} ${message}`, [{ path: `/${header}`, code: 'not_allowed', message, ...shown(value) }])
}
