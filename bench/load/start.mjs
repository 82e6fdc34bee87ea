/** How long `npm start` takes until it listens, and its first job: in a new folder, and in one that has its database. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ended, makeDataDir, removeDataDir, root, startService } from '../service.mjs'
import { ms } from './timing.mjs'

export const measureStart = async ({ small }) => {
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const start = async (dataDir) => {
    const service = await startService({ dataDir })
    try {
      const began = performance.now()
      let job = await service.call('POST', '/v1/jobs', config)
      while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?waitFor=end`)
      return { listening: service.startedMs, firstJob: performance.now() - began }
    } finally {
      await service.stop()
    }
  }
  const [cold, warm] = [[], []]
  for (let round = 0; round < (small ? 1 : 3); round++) {
    const folder = await makeDataDir()
    try {
      cold.push(await start(folder))
      warm.push(await start(folder))
    } finally {
      await removeDataDir(folder)
    }
  }
  const show = (starts, key) => starts.map((one) => ms(one[key])).join(', ')
  return {
    head: ['each start', 'until it listens', 'wanted', 'the first job, sent at once', 'wanted'],
    rows: [
      ['in a new folder', show(cold, 'listening'), '≤ 2.5 s', show(cold, 'firstJob'), '≤ 300 ms'],
      ['in one that has its database', show(warm, 'listening'), '≤ 1.5 s', show(warm, 'firstJob'), '≤ 300 ms'],
    ],
  }
}
