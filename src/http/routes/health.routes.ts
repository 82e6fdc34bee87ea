/** /healthz and /readyz */
import { HealthSchema, ReadinessSchema } from '../../api/health.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { answer, anyQuery, callerProblems, openAnswers } from '../schemas.ts'
import type { App } from '../types.ts'

/** What must hold before requests can be served, by name; each says whether it does. */
export type ReadinessChecks = Record<string, () => Promise<boolean>>

export const addHealthRoutes = (app: App, { checks }: { checks: ReadinessChecks }): void => {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['service'],
        summary: 'Check that the process is alive',
        security: [],
        querystring: anyQuery,
        response: openAnswers({ 200: answer('The process is alive.', ref(HealthSchema)) }),
      },
    },
    () => ({ status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['service'],
        summary: 'Check that the service can take requests: database, migrations and queue',
        security: [],
        querystring: anyQuery,
        response: openAnswers({ 200: answer('The service can take requests.', ref(ReadinessSchema)) }, ['UNAVAILABLE', ...callerProblems]),
      },
    },
    async () => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => ({ name, ok: await check().catch(() => false) })),
      )
      const missing = results.filter(({ ok }) => !ok).map(({ name }) => name)
      if (missing.length > 0) throw new Problem('UNAVAILABLE', `Not ready: ${missing.join(', ')}`)
      return { status: 'ok', checks: Object.fromEntries(results.map(({ name }) => [name, 'ok'])) }
    },
  )
}
