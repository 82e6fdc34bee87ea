/** /metrics */
import { Type } from 'typebox'
import type { Keyring } from '../../features/keys/keyring.ts'
import type { Metrics } from '../../platform/telemetry/prometheus.ts'
import { addOperatorAuthentication } from '../plugins/authentication.ts'
import { answers, anyQuery } from '../schemas.ts'
import type { App } from '../types.ts'

const example = [
  '# HELP trainyard_jobs Stored jobs by status.',
  '# TYPE trainyard_jobs gauge',
  'trainyard_jobs{status="queued"} 2',
  'trainyard_jobs{status="running"} 1',
  '',
].join('\n')

type MetricsOptions = { metrics: Pick<Metrics, 'scrape'>; keys: Keyring }

/**
 * Numbers of the whole service say how much others do: if there are keys, one is needed, an operator's if there are
 * such. Register it in a scope of its own.
 */
export const addMetricsRoutes = (app: App, { metrics, keys }: MetricsOptions): void => {
  addOperatorAuthentication(app, keys)

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        tags: ['service'],
        summary: 'Get the metrics of the service, for Prometheus',
        description:
          'Text format 0.0.4. Numbers of this process and of the whole service; no tenant is named. If `OPERATOR_KEYS` is set, one of these is needed.',
        querystring: anyQuery,
        response: answers(
          { 200: { description: 'The metrics.', content: { 'text/plain': { schema: Type.String({ examples: [example] }) } } } },
          ['OPERATOR_ONLY'],
        ),
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await metrics.scrape()
      return reply.type(contentType).header('cache-control', 'no-store').send(text)
    },
  )
}
