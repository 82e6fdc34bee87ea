/** `npm run start:api` and `npm run start:worker` apart from each other, as on many machines. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { mentioning } from '../support/e2e/processes.ts'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'

let api: Product
before(async () => {
  api = await startProduct({}, 'server')
})
after(() => discard(api))

const startWorker = () => {
  const worker = spawn(process.execPath, ['scripts/launch.mjs', 'worker'], {
    cwd: root,
    env: cleanEnvironment({ LOG_LEVEL: 'warn', DATA_DIR: api.dataDir }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(worker, 'exit')
  return {
    stop: async (): Promise<number> => {
      worker.kill('SIGTERM')
      return (await ended)[0]
    },
  }
}

test('an API and a worker started apart on one folder share its database; the last one out stops it', async () => {
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const waiting = await api.api.submit(config)
  assert.equal(waiting.status, 'queued', 'nobody trains yet')

  const first = startWorker()
  assert.equal((await api.api.ended(waiting.id)).status, 'succeeded')
  assert.equal(await first.stop(), 0)
  assert.equal((await api.api.call('GET', '/readyz')).status, 200, 'the worker left the database running')

  const second = startWorker()
  await api.api.train(config)
  assert.equal(await api.stop(), 0)
  assert.ok(mentioning(join(api.dataDir, 'postgres')).length > 0, 'the API left the database running')
  assert.equal(await second.stop(), 0)
  assert.equal(mentioning(join(api.dataDir, 'postgres')).length, 0, 'the last one stopped it')
})
