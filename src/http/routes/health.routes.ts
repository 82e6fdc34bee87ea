/** /healthz and /readyz */
import { Type } from 'typebox'
import { Problem } from '../../contracts/error-codes.ts'
import { answer, callerProblems, openAnswers } from '../schemas.ts'
import type { App } from '../types.ts'

/** What must hold before requests can be served, by name; each says whether it does. */
export type ReadinessChecks = Record<string, () => Promise<boolean>>

const status = Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] })
const readiness = Type.Object(
  { status: Type.Literal('ok'), checks: Type.Record(Type.String(), Type.Literal('ok')) },
  { examples: [{ status: 'ok', checks: { database: 'ok', migrations: 'ok', queue: 'ok' } }] },
)

export const addHealthRoutes = (app: App, { checks }: { checks: ReadinessChecks }): void => {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['service'],
        summary: 'Whether the process lives',
        security: [],
        response: openAnswers({ 200: answer('It does.', status) }),
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
        summary: 'Whether database, migrations and queue are there',
        security: [],
        response: openAnswers({ 200: answer('They are.', readiness) }, ['UNAVAILABLE', ...callerProblems]),
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
