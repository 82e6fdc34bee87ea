/** How JSON bodies are read: a small one here, a large one in another thread, within a budget for all of them. */
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import type { BodyBudget } from '../bodies/body-budget.ts'
import type { BodyThreads } from '../bodies/body-threads.ts'
import { CheckedBody } from '../bodies/checked-body.ts'
import { contentEncodings, encodingOf } from '../bodies/content-encoding.ts'
import { parseJson } from '../bodies/parse-json.ts'
import type { Pace } from '../bodies/progress.ts'
import { largeBody, readBody } from '../bodies/read-body.ts'
import type { App } from '../types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Calls back once this request is answered or its client is gone. */
    whenAnswered: (then: () => void) => void
  }
  interface FastifyContextConfig {
    /** Whether a body may come compressed; the route then decompresses it. */
    takesCompressed?: boolean
  }
}

/** JSON, whatever its exact media type. An empty body is none, so that a POST without one may say that it is JSON. */
export const addJsonBodies = (app: App, { budget, pace, threads }: { budget: BodyBudget; pace: Pace; threads: BodyThreads }): void => {
  app.removeAllContentTypeParsers()
  app.decorateRequest('whenAnswered', () => {})
  app.addHook('onRequest', async (request, { raw }) => {
    request.whenAnswered = (then) => {
      if (raw.destroyed) then()
      else for (const end of ['finish', 'close']) raw.once(end, then)
    }
    encodingOf(request.headers['content-encoding'], request.routeOptions.config?.takesCompressed ? contentEncodings : [])
  })
  app.addHook('onClose', threads.close)

  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/, async (request: FastifyRequest, payload: Readable) => {
    const limit = request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0
    const pieces = await readBody(request, payload, { limit, budget, pace })
    const [first] = pieces
    if (!first) return undefined
    if (pieces.length === 1 && first.length < largeBody) return parseJson(first)
    const outcome = await threads.read({ pieces, schema: request.routeOptions.schema?.body as { $ref?: string } | undefined })
    if ('unreadable' in outcome) throw new Problem(outcome.unreadable.code, outcome.unreadable.detail, outcome.unreadable.errors)
    return new CheckedBody(outcome)
  })
}
