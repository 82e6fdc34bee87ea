/** How a job ends a claim, and what becomes of it when its worker does not. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createLeaseRepository, type LeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import type { Batch, Claim } from '../../../src/features/jobs/lease.ts'
import { createRecoveryRepository, type RecoveryRepository } from '../../../src/features/jobs/recovery.repository.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database.ts'
import { batch, crash, report, stateAfter } from '../../support/batches.ts'
import { eventTypes, storeDataset, storeJob } from '../../support/jobs.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

let server: TestDatabase
let database: Database
let lease: LeaseRepository
let recovery: RecoveryRepository
let dataset: string

before(async () => {
  server = await createTestDatabase()
  database = createDatabase(server.url)
  lease = createLeaseRepository(database)
  recovery = createRecoveryRepository(database)
  dataset = await storeDataset(database)
})
after(async () => {
  await database.close()
  await server.close()
})
beforeEach(() => database.prisma.job.deleteMany())

const store = (job: Parameters<typeof storeJob>[2] = {}) => storeJob(database, dataset, job)
const claim = async (): Promise<Claim> => {
  const claimed = await lease.claim({ gpu: false })
  assert.ok(claimed, 'a job is runnable')
  return claimed
}
const row = (id: string) => database.prisma.job.findUniqueOrThrow({ where: { id } })

const runOut = (id: string) => database.prisma.$executeRaw`update "Job" set "leaseUntil" = now() - interval '1 second' where id = ${id}`

describe('letting go of a job', () => {
  const close = async (status: 'running' | 'pausing' | 'cancelling', closing: NonNullable<Batch['closing']>) => {
    await database.prisma.job.deleteMany()
    const id = await store()
    const held = await claim()
    await database.prisma.job.update({ where: { id }, data: { status } })
    const committed = await lease.commit(held, batch({ closing }))
    return { status: committed?.status, types: (await eventTypes(database, id)).slice(2), job: await row(id) }
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

  test('ends a job with its result or its error, and its time', async () => {
    const good = await close('running', { to: 'succeeded', result: { loss: 1 } })
    assert.deepEqual([good.status, good.job.result, good.job.leaseToken], ['succeeded', { loss: 1 }, null])
    assert.ok(good.job.finishedAt)
    const bad = await close('running', { to: 'failed', code: 'TIMED_OUT', message: 'too long' })
    assert.deepEqual([bad.status, bad.job.errorCode, bad.job.errorMessage], ['failed', 'TIMED_OUT', 'too long'])
  })
})

describe('a job that keeps dying', () => {
  test('is failed at the third death without a new checkpoint', async () => {
    const id = await store()
    const statuses = []
    for (let death = 1; death <= 3; death++) statuses.push((await lease.commit(await claim(), crash))?.status)
    assert.deepEqual(statuses, ['queued', 'queued', 'failed'])
    assert.equal((await row(id)).errorCode, 'WORKER_CRASHED')
    assert.deepEqual((await eventTypes(database, id)).slice(-1), ['failed'])
  })

  test('counts deaths of workers and of children together', async () => {
    const id = await store()
    await lease.commit(await claim(), crash)
    for (let death = 2; death <= 3; death++) {
      await claim()
      await runOut(id)
      await recovery.freeAbandoned()
    }
    assert.deepEqual([(await row(id)).status, (await row(id)).errorCode], ['failed', 'WORKER_CRASHED'])
  })

  test('counts from nothing again after a checkpoint', async () => {
    await store()
    await lease.commit(await claim(), crash)
    await lease.commit(await claim(), crash)
    const third = await claim()
    await lease.commit(third, batch({ epochs: [report(1)], state: stateAfter(1) }))
    assert.equal((await lease.commit(third, crash))?.status, 'queued')
    assert.equal((await lease.commit(await claim(), crash))?.status, 'queued')
  })
})

describe('a lease that ran out', () => {
  test('frees the job as its status demands, once, whoever looks', async () => {
    const next = { running: 'queued', pausing: 'paused', cancelling: 'cancelled' } as const
    for (const [status, expected] of Object.entries(next)) {
      const id = await store()
      await claim()
      await database.prisma.job.update({ where: { id }, data: { status } })
      await runOut(id)
      const freed = (await Promise.all([1, 2, 3, 4].map(() => recovery.freeAbandoned()))).flat()
      assert.deepEqual(
        freed.map((one) => [one.id, one.status]),
        [[id, expected]],
      )
      await database.prisma.job.deleteMany()
    }
  })

  test('is none while it stands', async () => {
    await store()
    await claim()
    assert.deepEqual(await recovery.freeAbandoned(), [])
    assert.deepEqual(await recovery.runnable({ gpu: false, limit: 10 }), [])
  })
})
