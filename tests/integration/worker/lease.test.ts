/** The row is the truth: who holds a job, and what may be written. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { NewEvent } from '../../../src/api/event.schema.ts'
import { channels } from '../../../src/contracts/queue.ts'
import { createNotifications } from '../../../src/platform/db/notifications.ts'
import { batch, report, stateAfter, success } from '../../support/batches.ts'
import { eventTypes } from '../../support/jobs.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

let bench: LeaseBench
before(async () => {
  bench = await openLeaseBench()
})
after(() => bench.close())
beforeEach(() => bench.database.prisma.job.deleteMany())

describe('a claim', () => {
  test('a claim of one row by many workers at once succeeds for one of them', async () => {
    const id = await bench.store()
    const claims = await Promise.all(Array.from({ length: 12 }, () => bench.lease.claim({ gpu: false })))
    assert.deepEqual(
      claims.flatMap((one) => (one ? [one.jobId] : [])),
      [id],
    )
    assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started'])
  })

  test('a claim of many rows by many workers at once takes each row once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => bench.store()))
    const claims = await Promise.all(Array.from({ length: 25 }, () => bench.lease.claim({ gpu: false })))
    assert.deepEqual(claims.flatMap((one) => (one ? [one.jobId] : [])).sort(), ids.sort())
  })

  test('a claim takes the highest priority first, then the longest wait', async () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
    const late = await bench.store({ queuedAt: at(3) })
    const early = await bench.store({ queuedAt: at(1) })
    const urgent = await bench.store({ queuedAt: at(5), priority: 1 })
    assert.deepEqual([(await bench.claim()).jobId, (await bench.claim()).jobId, (await bench.claim()).jobId], [urgent, early, late])
  })

  test('a claim takes turns between tenants, however many jobs one of them queued first', async () => {
    const busy = await Promise.all(Array.from({ length: 5 }, () => bench.store({ tenant: 'busy', queuedAt: new Date(0) })))
    const calm = [await bench.store({ tenant: 'calm' }), await bench.store({ tenant: 'calm' })]
    const tenants: string[] = []
    for (let turn = 0; turn < 4; turn++) tenants.push((await bench.claim()).tenant)
    // Each has one in each round; who has used less is first.
    assert.deepEqual(
      [tenants.slice(0, 2).toSorted(), tenants.slice(2).toSorted()],
      [
        ['busy', 'calm'],
        ['busy', 'calm'],
      ],
    )
    assert.equal(busy.length + calm.length, 7)
  })

  test('a claim leaves a job that wants a GPU to a worker that has one', async () => {
    const id = await bench.store({ config: { device: 'gpu' } })
    assert.equal(await bench.lease.claim({ gpu: false }), null)
    assert.equal((await bench.lease.claim({ gpu: true }))?.jobId, id)
  })

  test('for a GPU leaves a job that wants the CPU to one that trains there', async () => {
    const [onCpu, anywhere] = [await bench.store({ config: { device: 'cpu' } }), await bench.store({ config: { device: 'any' } })]
    assert.equal((await bench.lease.claim({ gpu: true }))?.jobId, anywhere)
    assert.equal(await bench.lease.claim({ gpu: true }), null)
    assert.equal((await bench.lease.claim({ gpu: false, any: false }))?.jobId, onCpu)
    await bench.store()
    assert.equal(await bench.lease.claim({ gpu: false, any: false }), null)
  })

  test('a claim of a job whose checkpoint cannot be read says what is wrong with it, and ends the job', async () => {
    const id = await bench.store()
    const checkpoint = { epoch: 1, step: 0, training: {}, layout: [{ shape: [1] }], values: new Uint8Array(4) }
    await bench.database.prisma.checkpoint.create({ data: { jobId: id, ...checkpoint } })
    await assert.rejects(
      bench.lease.claim({ gpu: false }),
      /layout of the checkpoint cannot be read: \/0 must have required property 'name'/,
    )
    const { status, errorCode, errorMessage, leaseToken } = await bench.row(id)
    assert.deepEqual([status, errorCode, leaseToken], ['failed', 'INTERNAL', null])
    assert.match(errorMessage ?? '', /cannot be read/)
    assert.equal(await bench.lease.claim({ gpu: false }), null)
  })

  test('a claim and every commit wake whoever watches the job, and say what was only a step on its way', async () => {
    const notifications = createNotifications(bench.url, { channels: [channels.job] })
    const id = await bench.store()
    const watch = notifications.watch(channels.job, id)
    await watch.next({ timeoutMs: 5000 })
    const kinds: (string | undefined)[] = []
    const unfollow = notifications.follow(channels.job, id, (kind) => kinds.push(kind))
    const claim = await bench.claim()
    const epoch = { epochs: [report(1)], events: [{ type: 'epoch' as const, data: { epoch: 1, loss: 0.5 } }] }
    const warned = { events: [...epoch.events, { type: 'warning' as const, data: { message: 'slow' } }] }
    for (const parts of [epoch, warned]) await bench.lease.commit(claim, batch(parts))
    await bench.database.prisma.job.update({ where: { id }, data: { status: 'pausing' } })
    await bench.lease.commit(claim, batch({ closing: { to: 'paused' } }))
    while (kinds.length < 4) assert.equal(await watch.next({ timeoutMs: 5000 }), true)
    assert.deepEqual(kinds, ['started', 'progress', undefined, undefined])
    unfollow()
    watch.close()
    await notifications.close()
  })
})

describe('a commit', () => {
  test('a commit writes epochs, tensors, checkpoint, events and progress, and the next claim goes on from there', async () => {
    const id = await bench.store()
    const first = await bench.claim()
    const engine = { name: 'eager', backend: 'cpu', device: 'cpu', version: '4.22.0' } as const
    const events: NewEvent[] = [
      { type: 'epoch', data: { epoch: 1, loss: 0.5 } },
      { type: 'warning', data: { message: 'slow' } },
    ]
    await bench.lease.commit(first, batch({ epochs: [report(1), report(2)], state: stateAfter(2), fraction: 0.75, engine, events }))
    const job = await bench.database.prisma.job.findUniqueOrThrow({ where: { id }, include: { rows: true, tensors: true } })
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

    await bench.lease.commit(first, batch({ closing: { to: 'queued', reason: 'stopped', crashed: false } }))
    const second = await bench.claim()
    assert.deepEqual(second.checkpoint, stateAfter(2))
    assert.deepEqual([second.engine, second.seconds], [engine, 0.25])
    assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started', 'epoch', 'warning', 'released', 'resumed'])
    const resumed = await bench.database.prisma.event.findFirstOrThrow({ where: { jobId: id, type: 'resumed' } })
    assert.deepEqual(resumed.data, { fromEpoch: 2 })
  })

  test('a commit keeps numbers that are not finite', async () => {
    const id = await bench.store()
    const odd = { ...report(1, Number.NaN), batchLoss: Number.POSITIVE_INFINITY, gradientNorm: Number.NEGATIVE_INFINITY }
    await bench.lease.commit(await bench.claim(), batch({ epochs: [odd] }))
    const [epoch] = await bench.database.prisma.epoch.findMany({ where: { jobId: id } })
    assert.deepEqual([epoch?.loss, epoch?.batchLoss, epoch?.gradientNorm], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.ok(Number.isNaN((await bench.row(id)).latestLoss))
  })

  test('a commit of a worker that lost its lease writes nothing', async () => {
    const id = await bench.store()
    const late = await bench.claim()
    await bench.runOut(id)
    await bench.recovery.freeAbandoned()
    const now = await bench.claim()
    assert.notEqual(now.token, late.token)
    const before = await bench.row(id)
    assert.equal(
      await bench.lease.commit(late, batch({ epochs: [report(1)], state: stateAfter(1), events: [{ type: 'started', data: {} }] })),
      null,
    )
    assert.equal(await bench.lease.commit(late, batch({ closing: success })), null)
    assert.equal(await bench.lease.heartbeat(late), null)
    assert.deepEqual(await bench.row(id), before)
    assert.equal(await bench.database.prisma.epoch.count({ where: { jobId: id } }), 0)
    assert.deepEqual(await eventTypes(bench.database, id), ['queued', 'started', 'released', 'resumed'])
    assert.equal(await bench.lease.heartbeat(now), 'running')
  })

  test('renews the lease, as a heartbeat does', async () => {
    const id = await bench.store()
    const held = await bench.claim()
    for (const renew of [() => bench.lease.heartbeat(held), () => bench.lease.commit(held, batch())]) {
      await bench.runOut(id)
      await renew()
      assert.deepEqual(await bench.recovery.freeAbandoned(), [])
    }
  })
})
