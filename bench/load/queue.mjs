/** What a long queue costs: submitting, looking, claiming, and how fast it is worked off. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { seedJobs } from '../seed-jobs.mjs'
import { root, startService } from '../service.mjs'
import { comparison, pause, thousands, typicalMs } from './timing.mjs'

const runs = 40

export const measureQueue = async ({ small }) => {
  const [queued, drainSeconds] = small ? [10_000, 4] : [100_000, 15]
  const service = await startService({ env: { WORKERS: '2', MAX_QUEUED_JOBS: '1000000' } })
  const databaseUrl = await service.databaseUrl()
  const database = new pg.Client({ connectionString: databaseUrl })
  const { createDatabase } = await import(join(root, 'dist/src/platform/db/database-client.js'))
  const { createLeaseRepository } = await import(join(root, 'dist/src/features/jobs/lease.repository.js'))
  const own = createDatabase(databaseUrl, { poolSize: 1 })
  const lease = createLeaseRepository(own)
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))

  const measure = async () => {
    let last
    const submit = await typicalMs(runs, async () => {
      last = await service.call('POST', '/v1/jobs', config)
    })
    return {
      submit,
      get: await typicalMs(runs, () => service.call('GET', `/v1/jobs/${last.id}`)),
      list: await typicalMs(runs, () => service.call('GET', '/v1/jobs?limit=20')),
      listQueued: await typicalMs(runs, () => service.call('GET', '/v1/jobs?limit=20&status=queued')),
      claim: await typicalMs(runs, () => lease.claim({ gpu: false })),
    }
  }
  const finished = async () => (await database.query(`select coalesce(sum(succeeded), 0)::int as jobs from "Tenant"`)).rows[0].jobs

  /** Jobs a second, once the worker has found its way into the queue. */
  const drain = async () => {
    service.holdWorker(false)
    // Claims of this benchmark's own run out after four seconds.
    await pause(2000)
    const [before, began] = [await finished(), performance.now()]
    await pause(drainSeconds * 1000)
    const rate = ((await finished()) - before) / ((performance.now() - began) / 1000)
    service.holdWorker(true)
    await pause(200)
    return rate
  }
  const empty = async () => {
    service.holdWorker(false)
    const left = async () => (await service.call('GET', '/v1/jobs?limit=1&status=queued')).data.length
    while ((await left()) > 0) await pause(200)
    service.holdWorker(true)
  }

  try {
    await database.connect()
    for (let at = 0; at < 50; at++) await service.call('POST', '/v1/jobs', config)
    await empty()
    const short = await measure()
    await seedJobs({ databaseUrl, jobs: 0, tenants: ['default'], queued: 150 * (drainSeconds + 2) })
    const shortDrain = await drain()
    await empty()
    await seedJobs({ databaseUrl, jobs: 0, tenants: ['default'], queued })
    const long = await measure()
    const longDrain = await drain()
    return {
      head: ['what', 'none queued', `${thousands(queued)} queued`, 'times', 'wanted'],
      rows: [
        comparison('`POST /v1/jobs`', short.submit, long.submit),
        comparison('`GET` of a queued job, with its place', short.get, long.get),
        comparison('`GET /v1/jobs`', short.list, long.list),
        comparison('`GET /v1/jobs?status=queued`', short.listQueued, long.listQueued),
        comparison('a claim', short.claim, long.claim),
        ['jobs a second worked off', shortDrain.toFixed(1), longDrain.toFixed(1), (longDrain / shortDrain).toFixed(2), '≥ 0.8'],
      ],
    }
  } finally {
    service.holdWorker(false)
    await own.close()
    await database.end().catch(() => {})
    await service.stop()
  }
}
