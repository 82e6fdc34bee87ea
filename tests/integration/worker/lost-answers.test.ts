/** A write whose answer is lost on its way was done all the same: the worker that sends it again finds it so. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createLeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database-client.ts'
import { batch, report, stateAfter, success } from '../../support/batches.ts'
import { eventTypes } from '../../support/jobs.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { interruptible, traceOf } from '../../support/trace.ts'
import { type Bench, openBench } from '../../support/worker.ts'

type Proxy = Awaited<ReturnType<typeof openProxy>>

describe('a worker that loses the answer of a write', () => {
  let bench: Bench
  let proxy: Proxy
  let over: Database
  let undisturbed: Awaited<ReturnType<typeof traceOf>>
  before(async () => {
    bench = await openBench()
    proxy = await openProxy(bench.url)
    over = createDatabase(proxy.url)
    bench.work({ over })
    undisturbed = await traceOf(bench.database, (await bench.ended(await bench.submit(interruptible()))).id)
  })
  after(async () => {
    await bench.close()
    await over.close()
    await proxy.close()
  })

  for (const [when, text] of [
    ['in the middle of a job', '"epochs":[{'],
    ['that ends a job', '"wanted":"succeeded"'],
  ] as const)
    test(`${when} goes on as if it had come`, async () => {
      const lost = proxy.loseAnswer(text)
      const id = await bench.submit(interruptible())
      await lost
      assert.equal((await bench.ended(id)).status, 'succeeded')
      assert.deepEqual(await traceOf(bench.database, id), undisturbed)
      const epochs = Array.from({ length: 24 }, () => 'epoch')
      assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started', ...epochs, 'succeeded'])
    })
})

describe('a batch whose answer was lost', () => {
  let bench: LeaseBench
  let proxy: Proxy
  let cut: Database
  before(async () => {
    bench = await openLeaseBench()
    proxy = await openProxy(bench.url)
    cut = createDatabase(proxy.url)
  })
  after(async () => {
    await cut.close()
    await proxy.close()
    await bench.close()
  })
  beforeEach(async () => {
    await bench.database.prisma.job.deleteMany()
  })

  const afterLoss = async (parts: Parameters<typeof batch>[0]) => {
    const lease = createLeaseRepository(cut)
    const id = await bench.store()
    const claim = await bench.claim()
    const sent = batch(parts)
    const lost = proxy.loseAnswer(sent.id)
    await assert.rejects(lease.commit(claim, sent))
    await lost
    return { id, claim, again: () => lease.commit(claim, sent) }
  }

  test('a batch whose answer was lost is written once, and its answer is the same when it is sent again', async () => {
    const { id, claim, again } = await afterLoss({
      epochs: [report(1)],
      state: stateAfter(1),
      events: [{ type: 'warning', data: { message: 'slow' } }],
    })
    assert.deepEqual(await again(), { status: 'running' })
    assert.deepEqual(await bench.lease.commit(claim, batch({ epochs: [report(2)] })), { status: 'running' })
    assert.equal((await bench.row(id)).seconds, 0.25)
    assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started', 'warning'])
  })

  for (const closing of [
    success,
    { to: 'failed', code: 'TIMED_OUT', message: 'late' },
    { to: 'queued', reason: 'stopped', crashed: false },
  ] as const)
    test(`a batch whose answer was lost that ended its claim as ${closing.to} says so when it is sent again`, async () => {
      const { id, again } = await afterLoss({ closing })
      assert.deepEqual(await again(), { status: closing.to })
      assert.equal((await eventTypes(bench.database, id)).length, 3)
    })

  test('a batch whose answer was lost that handed its job back says so when another worker has the job by now', async () => {
    const { id, again } = await afterLoss({ closing: { to: 'queued', reason: 'stopped', crashed: false } })
    await bench.claim()
    assert.deepEqual(await again(), { status: 'queued' })
    assert.equal((await bench.row(id)).status, 'running')
  })

  test('a batch whose answer was lost of a worker that has lost its lease meanwhile is a lost lease', async () => {
    const { id, again } = await afterLoss({ epochs: [report(1)] })
    await bench.runOut(id)
    await bench.recovery.freeAbandoned()
    assert.equal(await again(), null)
  })

  test('a batch whose answer was lost waits for an earlier attempt that is still under way, and finds it written', async () => {
    const id = await bench.store()
    const claim = await bench.claim()
    const sent = batch({ closing: success })
    const { again } = await bench.database.transaction(async (tx) => {
      await createLeaseRepository({ prisma: tx as typeof bench.database.prisma }).commit(claim, sent)
      return { again: bench.lease.commit(claim, sent) }
    })
    assert.deepEqual(await again, { status: 'succeeded' })
    assert.equal((await bench.row(id)).status, 'succeeded')
  })
})
