/** The same worker with its bells on Redis. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventTypes } from '../../support/jobs.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { interruptible, traceOf } from '../../support/trace.ts'
import { type Bench, openBench } from '../../support/worker.ts'

let redis: TestRedis
let bench: Bench
before(async () => {
  redis = await startRedis()
  bench = await openBench({ redisUrl: redis.url })
})
after(async () => {
  await bench.close()
  await redis.stop()
})

test('twenty jobs queued at once all end, each trained once, on two workers', async () => {
  const workers = [bench.work(), bench.work({ slots: 2 })]
  const ids = await Promise.all(Array.from({ length: 20 }, () => bench.submit()))
  for (const id of ids) {
    assert.equal((await bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started', 'epoch', 'epoch', 'epoch', 'succeeded'])
  }
  await Promise.all(workers.map((worker) => worker.close()))
})

test('a worker that is stopped hands its job to another one, which rings for it', async () => {
  const first = bench.work()
  const undisturbed = await bench.ended(await bench.submit(interruptible()))
  const id = await bench.submit(interruptible())
  await bench.until(id, ({ epoch }) => epoch >= 3)
  const second = bench.work()
  await first.close()
  assert.equal((await bench.ended(id)).status, 'succeeded')
  assert.deepEqual(await traceOf(bench.database, id), await traceOf(bench.database, undisturbed.id))
  await second.close()
})

test('jobs whose bells are lost are rung for again', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => bench.submit(undefined, { ring: false })))
  bench.work()
  for (const id of ids) assert.equal((await bench.ended(id)).status, 'succeeded')
})
