/** Many who wait for jobs: a benchmark of its own, as a table. */
import { startService } from '../service.mjs'
import { measureWatchers } from '../watchers.mjs'
import { ms, thousands } from './timing.mjs'

export const measureWatching = async ({ small }) => {
  const watchers = small ? 100 : 1000
  const service = await startService()
  try {
    const report = await measureWatchers(service, { watchers })
    return {
      head: [
        `${thousands(watchers)} of them hear of the end`,
        'p50',
        'p95',
        'last',
        'CPU time of the API',
        'slowest `/healthz` meanwhile',
        'wanted p95',
      ],
      rows: Object.entries(report).map(([kind, { p50, p95, max, apiCpu, loopMax, failed }]) =>
        failed
          ? [kind, failed.slice(0, 60), '', '', '', '', '≤ 400 ms']
          : [kind, ms(p50), ms(p95), ms(max), ms(apiCpu), ms(loopMax), '≤ 400 ms'],
      ),
    }
  } finally {
    await service.stop()
  }
}
