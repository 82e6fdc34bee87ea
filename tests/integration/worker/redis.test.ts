/** The same worker with its wake-ups on Redis. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Redis } from 'ioredis'
import { channels } from '../../../src/contracts/queue.ts'
import { eventTypes } from '../../support/jobs.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
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

test('a worker that is stopped hands its job to another one, which wakes up for it', async () => {
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

test('while Redis is away an idle worker finds its jobs in the database, and all goes on when it is back', {
  timeout: 60_000,
}, async () => {
  const proxy = await openProxy(redis.url)
  const cutOff = await openBench({ redisUrl: proxy.url })
  cutOff.work()
  assert.equal((await cutOff.ended(await cutOff.submit())).status, 'succeeded')
  proxy.cut()
  while (cutOff.wakeUps.isReachable()) await new Promise(setImmediate)
  const ids = await Promise.all([cutOff.submit(), cutOff.submit()])
  for (const id of ids) assert.equal((await cutOff.ended(id)).status, 'succeeded')
  await cutOff.database.prisma.inferenceRequest.create({
    data: { id: 'call_1', kind: 'sample', request: { initializer: { type: 'zeros' }, shape: [1], seed: 1 } },
  })
  await cutOff.notifications.wait(channels.inference, 'call_1', { timeoutMs: 20_000 })
  const request = await cutOff.database.prisma.inferenceRequest.findUniqueOrThrow({ where: { id: 'call_1' } })
  assert.equal((request.response as { ok?: boolean } | null)?.ok, true)
  proxy.restore()
  while (!cutOff.wakeUps.isReachable()) await new Promise(setImmediate)
  assert.equal((await cutOff.ended(await cutOff.submit())).status, 'succeeded')
  await cutOff.close()
  await proxy.close()
})

test('a Redis that loses everything delays no job for long', { timeout: 60_000 }, async () => {
  bench.work()
  const client = new Redis(redis.url)
  const ids = [await bench.submit()]
  await client.flushdb()
  ids.push(await bench.submit(undefined, { notify: false }), await bench.submit())
  for (const id of ids) assert.equal((await bench.ended(id)).status, 'succeeded')
  client.disconnect()
})

test('jobs whose wake-ups are lost are found again', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => bench.submit(undefined, { notify: false })))
  bench.work()
  for (const id of ids) assert.equal((await bench.ended(id)).status, 'succeeded')
})
