/** How long the first job of a tenant takes behind many of another's. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seedJobs } from '../seed-jobs.mjs'
import { ended, root, startService, summary } from '../service.mjs'
import { ms, pause, thousands } from './timing.mjs'

export const measureTurns = async ({ small }) => {
  const [queued, runs] = small ? [1_000, 5] : [10_000, 20]
  const [first, second] = ['bench-key-of-the-first', 'bench-key-of-the-second']
  const service = await startService({ env: { API_KEYS: `first:${first},second:${second}` } })
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const run = async (key) => {
    const began = performance.now()
    let job = await service.call('POST', '/v1/jobs', config, key)
    while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?waitFor=end`, undefined, key)
    return performance.now() - began
  }
  try {
    for (let at = 0; at < 5; at++) await run(second)
    const alone = []
    for (let at = 0; at < runs; at++) alone.push(await run(second))
    service.holdWorker(true)
    await seedJobs({ databaseUrl: await service.databaseUrl(), jobs: 0, tenants: ['first'], queued })
    service.holdWorker(false)
    await pause(2000)
    const behind = []
    for (let at = 0; at < runs; at++) behind.push(await run(second))
    const [quiet, busy] = [summary(alone), summary(behind)]
    return {
      head: ['a job of the second tenant, POST to the end', 'alone', `behind ${thousands(queued)} jobs of the first`, 'wanted'],
      rows: [
        ['the first', ms(alone[0]), ms(behind[0]), '≤ 1 s'],
        [`p50 of ${runs}`, ms(quiet.p50), ms(busy.p50), ''],
        [`slowest of ${runs}`, ms(quiet.max), ms(busy.max), '≤ 1 s'],
      ],
    }
  } finally {
    await service.stop()
  }
}
