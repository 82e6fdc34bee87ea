import type { Metrics } from '../../platform/telemetry/prometheus.ts'
import { eventStreamType } from '../event-stream.ts'
import type { App } from '../types.ts'

/** What stands for every path that no route has: a raw path would make a series of its own out of each typing error. */
const nowhere = 'unmatched'

/** Measures every answer by the template of its route. A stream's time says nothing about the service, so it isn't measured. */
export const addRequestMetrics = (app: App, { observe }: Pick<Metrics, 'observe'>): void => {
  app.addHook('onResponse', async ({ method, is404, routeOptions }, reply) => {
    if (String(reply.getHeader('content-type')).startsWith(eventStreamType)) return
    const route = is404 ? nowhere : (routeOptions.url ?? nowhere)
    observe({ method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 })
  })
}
