/** What stored jobs cost: every list, every filter, `/metrics` and deleting, with few and with many of them. */
import { seedJobs } from '../seed-jobs.mjs'
import { startService } from '../service.mjs'
import { comparison, thousands, typicalMs } from './timing.mjs'

const runs = 40
const tenants = 20
const day = 86_400_000
/** Of all seeded tenants the first has jobs until now, the second only old ones. */
const keys = { 'tenant-1': 'bench-key-of-tenant-1', 'tenant-2': 'bench-key-of-tenant-2' }

const before = (days) => new Date(Date.now() - days * day).toISOString()

/** Paths by what they are, each for both tenants. */
const lists = () => ({
  jobs: '/v1/jobs?limit=20',
  'jobs, `status=failed`': '/v1/jobs?limit=20&status=failed',
  'jobs, `status=running`, none': '/v1/jobs?limit=20&status=running',
  'jobs, three statuses': '/v1/jobs?limit=20&status=failed&status=cancelled&status=queued',
  'jobs, `metadata[owner]`, a tenth': '/v1/jobs?limit=20&metadata[owner]=owner%203',
  'jobs, `metadata[run]`, none': '/v1/jobs?limit=20&metadata[run]=nothing',
  'jobs, `createdAfter`': `/v1/jobs?limit=20&createdAfter=${before(80)}`,
  'jobs, `createdBefore`': `/v1/jobs?limit=20&createdBefore=${before(60)}`,
  'jobs, `createdBefore`, none': '/v1/jobs?limit=20&createdBefore=2000-01-01T00:00:00Z',
  'jobs, all filters': `/v1/jobs?limit=20&status=failed&status=cancelled&metadata[owner]=owner%209&createdAfter=${before(85)}`,
  datasets: '/v1/datasets?limit=20',
  'datasets, `createdBefore`': `/v1/datasets?limit=20&createdBefore=${before(60)}`,
  sweeps: '/v1/sweeps?limit=20',
  uploads: '/v1/uploads?limit=20',
  imports: '/v1/imports?limit=20',
})

export const measureHistory = async ({ small }) => {
  const [few, many] = small ? [4_000, 40_000] : [20_000, 1_000_000]
  const service = await startService({
    env: {
      API_KEYS: Object.entries(keys)
        .map((pair) => pair.join(':'))
        .join(','),
    },
  })

  const measure = async () => {
    const figures = {}
    for (const [tenant, key] of Object.entries(keys)) {
      for (const [what, path] of Object.entries(lists()))
        figures[`${what} of ${tenant}`] = await typicalMs(runs, () => service.call('GET', path, undefined, key))
      const { data } = await service.call('GET', '/v1/jobs?limit=100&status=succeeded', undefined, key)
      const ids = data.map(({ id }) => id)
      figures[`one job of ${tenant}`] = await typicalMs(runs, () => service.call('GET', `/v1/jobs/${ids[0]}`, undefined, key))
      figures[`\`DELETE\` of a job of ${tenant}`] = await typicalMs(runs, () =>
        service.call('DELETE', `/v1/jobs/${ids.pop()}`, undefined, key),
      )
    }
    figures['`/metrics`'] = await typicalMs(
      3,
      async () => {
        await service.call('GET', '/metrics', undefined, keys['tenant-1'])
        // It is read from the database once a second at most.
        await new Promise((done) => setTimeout(done, 1100))
      },
      { warmUps: 0 },
    )
    figures['`/metrics`'] -= 1100
    return figures
  }

  try {
    const databaseUrl = await service.databaseUrl()
    await seedJobs({ databaseUrl, jobs: few, tenants })
    const first = await measure()
    const { seconds } = await seedJobs({ databaseUrl, jobs: many, tenants })
    const second = await measure()
    return {
      head: ['what', `${thousands(few)} stored jobs`, `${thousands(many)}`, 'times', 'wanted'],
      rows: [
        ...Object.entries(first).map(([what, value]) => comparison(what, value, second[what])),
        [`storing ${thousands(many)} jobs by SQL`, '', `${seconds.toFixed(0)} s`, '', '≤ 180 s'],
      ],
    }
  } finally {
    await service.stop()
  }
}
