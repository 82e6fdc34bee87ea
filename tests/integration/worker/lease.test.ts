/** The row is the truth: who holds a job, and what may be written. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { channels } from '../../../src/contracts/queue.ts'
import { createLeaseRepository, type LeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import type { Claim } from '../../../src/features/jobs/lease.ts'
import { createRecoveryRepository, type RecoveryRepository } from '../../../src/features/jobs/recovery.repository.ts'
import { createDatabase, type Database } from '../../../src/platform/db/database.ts'
import { createNotifications } from '../../../src/platform/db/notifications.ts'
import { batch, report, stateAfter } from '../../support/batches.ts'
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

describe('a claim', () => {
  test('of one row by many workers at once succeeds for one of them', async () => {
    const id = await store()
    const claims = await Promise.all(Array.from({ length: 12 }, () => lease.claim({ gpu: false })))
    assert.deepEqual(
      claims.flatMap((one) => (one ? [one.jobId] : [])),
      [id],
    )
    assert.deepEqual(await eventTypes(database, id), ['queued', 'started'])
  })

  test('of many rows by many workers at once takes each row once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => store()))
    const claims = await Promise.all(Array.from({ length: 25 }, () => lease.claim({ gpu: false })))
    assert.deepEqual(claims.flatMap((one) => (one ? [one.jobId] : [])).sort(), ids.sort())
  })

  test('takes the highest priority first, then the longest wait', async () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
    const late = await store({ queuedAt: at(3) })
    const early = await store({ queuedAt: at(1) })
    const urgent = await store({ queuedAt: at(5), priority: 1 })
    assert.deepEqual([(await claim()).jobId, (await claim()).jobId, (await claim()).jobId], [urgent, early, late])
  })

  test('takes turns between tenants, however many jobs one of them queued first', async () => {
    const busy = await Promise.all(Array.from({ length: 5 }, () => store({ tenant: 'busy', queuedAt: new Date(0) })))
    const calm = [await store({ tenant: 'calm' }), await store({ tenant: 'calm' })]
    const tenants: string[] = []
    for (let turn = 0; turn < 4; turn++) tenants.push((await claim()).tenant)
    assert.deepEqual(tenants, ['busy', 'calm', 'busy', 'calm'])
    assert.equal(busy.length + calm.length, 7)
  })

  test('leaves a job that wants a GPU to a worker that has one', async () => {
    const id = await store({ config: { device: 'gpu' } })
    assert.equal(await lease.claim({ gpu: false }), null)
    assert.equal((await lease.claim({ gpu: true }))?.jobId, id)
  })

  test('wakes whoever watches the job', async () => {
    const notifications = createNotifications(server.url, { channels: [channels.job] })
    const id = await store()
    const watch = notifications.watch(channels.job, id)
    await watch.next({ timeoutMs: 5000 })
    await claim()
    assert.equal(await watch.next({ timeoutMs: 5000 }), true)
    watch.close()
    await notifications.close()
  })
})

describe('a commit', () => {
  test('writes epochs, tensors, checkpoint, events and progress, and the next claim goes on from there', async () => {
    const id = await store()
    const first = await claim()
    const engine = { name: 'eager', backend: 'cpu', device: 'cpu', version: '4.22.0' } as const
    const events = [{ type: 'epoch', data: { epoch: 1 } }, { type: 'warning' }]
    await lease.commit(first, batch({ epochs: [report(1), report(2)], state: stateAfter(2), fraction: 0.75, engine, events }))
    const job = await database.prisma.job.findUniqueOrThrow({ where: { id }, include: { rows: true, tensors: true } })
    assert.deepEqual(
      [job.status, job.epoch, job.fraction, job.latestLoss, job.seconds, job.engine],
      ['running', 2, 0.75, 0.5, 0.25, engine],
    )
    assert.deepEqual(
      job.rows.map(({ epoch }) => epoch),
      [1, 2],
    )
    assert.equal(job.tensors.length, 4)
    const gradient = job.tensors.find(({ kind, epoch }) => kind === 'gradient' && epoch === 2)
    assert.deepEqual([gradient?.shape, gradient?.values], [[2, 1], new Uint8Array(new Float32Array([1, -2]).buffer)])
    assert.equal(job.tensors.find(({ kind }) => kind === 'weight')?.values, null)

    await lease.commit(first, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
    const second = await claim()
    assert.deepEqual(second.checkpoint, stateAfter(2))
    assert.deepEqual([second.engine, second.seconds], [engine, 0.25])
    assert.deepEqual(await eventTypes(database, id), ['queued', 'started', 'epoch', 'warning', 'released', 'resumed'])
    const resumed = await database.prisma.event.findFirstOrThrow({ where: { jobId: id, type: 'resumed' } })
    assert.deepEqual(resumed.data, { fromEpoch: 2 })
  })

  test('keeps numbers that are not finite', async () => {
    const id = await store()
    const odd = { ...report(1, Number.NaN), batchLoss: Number.POSITIVE_INFINITY, gradientNorm: Number.NEGATIVE_INFINITY }
    await lease.commit(await claim(), batch({ epochs: [odd] }))
    const [epoch] = await database.prisma.epoch.findMany({ where: { jobId: id } })
    assert.deepEqual([epoch?.loss, epoch?.batchLoss, epoch?.gradientNorm], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.ok(Number.isNaN((await row(id)).latestLoss))
  })

  test('of a worker that lost its lease writes nothing', async () => {
    const id = await store()
    const late = await claim()
    await runOut(id)
    await recovery.freeAbandoned()
    const now = await claim()
    assert.notEqual(now.token, late.token)
    const before = await row(id)
    assert.equal(await lease.commit(late, batch({ epochs: [report(1)], state: stateAfter(1), events: [{ type: 'epoch' }] })), null)
    assert.equal(await lease.commit(late, batch({ closing: { to: 'succeeded', result: {} } })), null)
    assert.equal(await lease.heartbeat(late), null)
    assert.deepEqual(await row(id), before)
    assert.equal(await database.prisma.epoch.count({ where: { jobId: id } }), 0)
    assert.deepEqual(await eventTypes(database, id), ['queued', 'started', 'released', 'resumed'])
    assert.equal(await lease.heartbeat(now), 'running')
  })

  test('renews the lease, as a heartbeat does', async () => {
    const id = await store()
    const held = await claim()
    for (const renew of [() => lease.heartbeat(held), () => lease.commit(held, batch())]) {
      await runOut(id)
      await renew()
      assert.deepEqual(await recovery.freeAbandoned(), [])
    }
  })
})
