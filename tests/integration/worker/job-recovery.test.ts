/** How a job ends a claim, and what becomes of it when its worker does not. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Batch } from '../../../src/features/jobs/lease.ts'
import { batch, crash, report, stateAfter, success } from '../../support/batches.ts'
import { eventTypes } from '../../support/jobs.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

let bench: LeaseBench
before(async () => {
  bench = await openLeaseBench()
})
after(() => bench.close())
beforeEach(() => bench.database.prisma.job.deleteMany())

describe('letting go of a job', () => {
  const close = async (status: 'running' | 'pausing' | 'cancelling', closing: NonNullable<Batch['closing']>) => {
    await bench.database.prisma.job.deleteMany()
    const id = await bench.store()
    const held = await bench.claim()
    await bench.database.prisma.job.update({ where: { id }, data: { status } })
    const committed = await bench.lease.commit(held, batch({ closing }))
    return { status: committed?.status, types: (await eventTypes(bench.database, id)).slice(2), job: await bench.row(id) }
  }
  const released = { to: 'queued', reason: 'stopped', crashed: false } as const

  test('hands a running job back, but not one that was told to stop', async () => {
    assert.deepEqual((await close('running', released)).types, ['released'])
    assert.deepEqual((await close('pausing', released)).types, ['paused'])
    assert.deepEqual((await close('cancelling', released)).types, ['cancelled'])
  })

  test('pauses a pausing job, and keeps one that was told to go on meanwhile', async () => {
    assert.equal((await close('pausing', { to: 'paused' })).status, 'paused')
    const kept = await close('running', { to: 'paused' })
    assert.deepEqual([kept.status, kept.types], ['running', []])
    assert.ok(kept.job.leaseToken, 'the worker still holds it')
  })

  test('letting go of a job ends a job with its result or its error, and its time', async () => {
    const good = await close('running', success)
    assert.deepEqual([good.status, good.job.result, good.job.leaseToken], ['succeeded', success.result, null])
    assert.ok(good.job.finishedAt)
    const bad = await close('running', { to: 'failed', code: 'TIMED_OUT', message: 'too long' })
    assert.deepEqual([bad.status, bad.job.errorCode, bad.job.errorMessage], ['failed', 'TIMED_OUT', 'too long'])
  })
})

describe('a job that goes on with another process', () => {
  test('a job tells of the last twenty times, of how many there were, and of what stopped it; a pause is none', async () => {
    const id = await bench.store()
    const restarts = async () => {
      const { restartCount, restarts } = await bench.row(id)
      return { restartCount, restarts: (restarts as { at: string; cause: string; fromEpoch: number }[]).map(({ at: _, ...rest }) => rest) }
    }
    await bench.lease.commit(await bench.claim(), crash())
    assert.deepEqual(await restarts(), { restartCount: 0, restarts: [] })
    const second = await bench.claim()
    await bench.lease.commit(second, batch({ epochs: [report(1), report(2)], state: stateAfter(2) }))
    await bench.lease.commit(second, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
    await bench.claim()
    await bench.runOut(id)
    await bench.recovery.freeAbandoned()
    const fourth = await bench.claim()
    await bench.database.prisma.job.update({ where: { id }, data: { status: 'pausing' } })
    await bench.lease.commit(fourth, batch({ closing: { to: 'paused' } }))
    await bench.database.prisma.job.update({ where: { id }, data: { status: 'queued' } })
    let held = await bench.claim()
    const causes = [
      { cause: 'processCrashed', fromEpoch: 0 },
      { cause: 'workerStopped', fromEpoch: 2 },
      { cause: 'workerLost', fromEpoch: 2 },
    ]
    assert.deepEqual(await restarts(), { restartCount: 3, restarts: causes })
    assert.ok(Date.parse(((await bench.row(id)).restarts as { at: string }[])[0]?.at ?? '') > 0)
    for (let stop = 1; stop <= 18; stop++) {
      await bench.lease.commit(held, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
      held = await bench.claim()
    }
    const { restartCount, restarts: last } = await restarts()
    assert.deepEqual([restartCount, last.length, last[0], last[1]?.cause], [21, 20, causes[1], 'workerLost'])
  })
})

describe('a job that keeps dying', () => {
  test('a job that keeps dying is failed at the third death without a new checkpoint', async () => {
    const id = await bench.store()
    const statuses = []
    for (let death = 1; death <= 3; death++) statuses.push((await bench.lease.commit(await bench.claim(), crash()))?.status)
    assert.deepEqual(statuses, ['queued', 'queued', 'failed'])
    assert.equal((await bench.row(id)).errorCode, 'WORKER_CRASHED')
    assert.deepEqual((await eventTypes(bench.database, id)).slice(-1), ['failed'])
  })

  test('a job that keeps dying counts deaths of workers and of children together', async () => {
    const id = await bench.store()
    await bench.lease.commit(await bench.claim(), crash())
    for (let death = 2; death <= 3; death++) {
      await bench.claim()
      await bench.runOut(id)
      await bench.recovery.freeAbandoned()
    }
    assert.deepEqual([(await bench.row(id)).status, (await bench.row(id)).errorCode], ['failed', 'WORKER_CRASHED'])
  })

  test('a job that keeps dying counts from nothing again after a checkpoint', async () => {
    await bench.store()
    await bench.lease.commit(await bench.claim(), crash())
    await bench.lease.commit(await bench.claim(), crash())
    const third = await bench.claim()
    await bench.lease.commit(third, batch({ epochs: [report(1)], state: stateAfter(1) }))
    assert.equal((await bench.lease.commit(third, crash()))?.status, 'queued')
    assert.equal((await bench.lease.commit(await bench.claim(), crash()))?.status, 'queued')
  })
})

describe('a lease that ran out', () => {
  test('a lease that ran out frees the job as its status demands, once, whoever looks', async () => {
    const next = { running: 'queued', pausing: 'paused', cancelling: 'cancelled' } as const
    for (const [status, expected] of Object.entries(next)) {
      const id = await bench.store()
      await bench.claim()
      await bench.database.prisma.job.update({ where: { id }, data: { status } })
      await bench.runOut(id)
      const freed = (await Promise.all([1, 2, 3, 4].map(() => bench.recovery.freeAbandoned()))).flat()
      assert.deepEqual(
        freed.map((one) => [one.id, one.status]),
        [[id, expected]],
      )
      await bench.database.prisma.job.deleteMany()
    }
  })

  test('a lease that ran out is none while it stands', async () => {
    await bench.store()
    await bench.claim()
    assert.deepEqual(await bench.recovery.freeAbandoned(), [])
    assert.deepEqual(await bench.recovery.runnable({ gpu: false, limit: 10 }), [])
  })
})
