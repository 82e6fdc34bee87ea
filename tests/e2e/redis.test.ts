/** The same product with its queue on Redis: the notebook, a killed worker, and Redis itself going away for a while. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { killAt, longJob, trace } from '../support/e2e/interrupted.ts'
import { discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { startRedis } from '../support/redis.ts'

let redis: Awaited<ReturnType<typeof startRedis>>
let product: Product
before(async () => {
  redis = await startRedis()
  product = await startProduct({ REDIS_URL: redis.url })
})
after(async () => {
  await discard(product)
  await redis?.stop()
})

test('the notebook job trains as it does without Redis', async () => {
  const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const job = await product.api.train(config)
  assert.ok(Number(job.result?.loss) < 2e-4)
  assert.equal((await product.api.epochs(job.id)).length, 3)
})

test('a job outlives its worker with bit-identical results', async () => {
  const undisturbed = await trace(product.api, (await product.api.train(longJob)).id)
  const job = await product.api.submit(longJob)
  await killAt(product, job, 4, 'worker')
  assert.equal((await product.api.ended(job.id, 60)).status, 'succeeded')
  assert.deepEqual(await trace(product.api, job.id), undisturbed)
})
