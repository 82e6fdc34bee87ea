/** Events of all jobs in one order: whoever reads on from where it was misses none, whatever is being written meanwhile. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import pg from 'pg'
import { beforeAllEvents, type EventPlace } from '../../../src/features/events/event-position.ts'
import { createOutboxRepository, type OutboxRepository } from '../../../src/features/events/outbox.repository.ts'
import { alignPositions } from '../../../src/platform/db/migrate.ts'
import { batch, report, stateAfter, success } from '../../support/batches.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

let bench: LeaseBench
let outbox: OutboxRepository
let other: pg.Client
before(async () => {
  bench = await openLeaseBench()
  outbox = createOutboxRepository(bench.database)
  other = new pg.Client({ connectionString: bench.url })
  await other.connect()
})
after(async () => {
  await other.end()
  await bench.close()
})
beforeEach(() => bench.database.prisma.job.deleteMany())

type Told = { jobId: string; seq: number }

/** Reads all that can be read now, from a place on; `told` grows by it. */
const readOn = async (from: EventPlace, told: Told[], limit = 3): Promise<EventPlace> => {
  let place = from
  for (let push = false; ; push = true) {
    const page = await outbox.read(place, { limit, push })
    told.push(...page.events.map(({ jobId, seq }) => ({ jobId, seq })))
    place = page.next
    if (!page.hasMore && !page.isBehind) return place
  }
}

const stored = () => bench.database.prisma.event.findMany({ select: { jobId: true, seq: true } })
const names = (events: readonly Told[]): string[] => events.map(({ jobId, seq }) => `${jobId} ${seq}`)

/** A job from claim to end, in as many batches as it has epochs. */
const trainNext = async (): Promise<void> => {
  const claim = await bench.claim()
  for (let epoch = 1; epoch <= 3; epoch++) {
    const events = [{ type: 'epoch', data: { epoch, loss: 0.5 } } as const]
    const closing = epoch === 3 ? success : null
    await bench.lease.commit(claim, batch({ epochs: [report(epoch)], state: stateAfter(epoch), fraction: epoch / 3, events, closing }))
  }
}

test('a reader that goes on from where it was gets each event once and those of a job in order, while many are written at once', async () => {
  const told: Told[] = []
  let place = beforeAllEvents
  let isOver = false
  const reading = (async () => {
    while (!isOver) place = await readOn(place, told)
  })()
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 8 }, () => bench.store()))
    await Promise.all(Array.from({ length: 8 }, trainNext))
  }
  isOver = true
  await reading
  await readOn(place, told)
  const all = await stored()
  assert.equal(all.length, 4 * 8 * 6)
  assert.deepEqual(names(told).toSorted(), names(all).toSorted())
  const last = new Map<string, number>()
  for (const { jobId, seq } of told) {
    assert.equal(seq, (last.get(jobId) ?? 0) + 1, `${jobId} ${seq}`)
    last.set(jobId, seq)
  }
})

test('an event that is committed late is read neither too late nor out of order, and transactions of others delay nobody', async () => {
  const told: Told[] = []
  const [late, early] = [await bench.store(), await bench.store()]
  const begun = await readOn(beforeAllEvents, told)
  told.length = 0

  // A transaction that has a number and writes other tables holds nobody up.
  await other.query('begin')
  await other.query('update "Job" set priority = 1 where id = $1', [late])
  await other.query(`select pg_current_xact_id()`)
  await bench.database.prisma.event.create({ data: { jobId: early, seq: 2, type: 'warning' } })
  let place = await readOn(begun, told)
  assert.deepEqual(told, [{ jobId: early, seq: 2 }])

  // As soon as it writes an event, those after it wait for it.
  await other.query(`insert into "Event" ("jobId", seq, type) values ($1, 2, 'warning')`, [late])
  await bench.database.prisma.event.create({ data: { jobId: early, seq: 3, type: 'warning' } })
  const page = await outbox.read(place, { limit: 3, push: true })
  assert.deepEqual([page.events.length, page.hasMore], [0, false])
  place = page.next
  await other.query('commit')
  await readOn(place, told)
  assert.deepEqual(new Set(names(told.slice(1))), new Set([`${late} 2`, `${early} 3`]))
  assert.equal(told.length, 3)
})

test('an event of a transaction that began first comes behind those of its job that were written meanwhile', async () => {
  const [job, another] = [await bench.store(), await bench.store()]
  await other.query('begin')
  await other.query('select 1 from "Job" where id = $1 for update', [another])
  const { prisma } = bench.database
  const write = `with job as (update "Job" set "lastSeq" = "lastSeq" + 1, "lastPosition" = greatest("lastPosition", event_position()) where id = $1
    returning *) insert into "Event" ("jobId", seq, type, tenant, position) select id, "lastSeq", 'warning', tenant, "lastPosition" from job`
  await prisma.$executeRawUnsafe(write.replace('$1', `'${job}'`))
  await other.query(write, [job])
  await other.query('commit')
  const told: Told[] = []
  await readOn(beforeAllEvents, told)
  assert.deepEqual(
    told.filter(({ jobId }) => jobId === job).map(({ seq }) => seq),
    [1, 2, 3],
  )
})

test('events of a database that was loaded into a server whose transactions begin anew come behind those that it brought along', async () => {
  const job = await bench.store()
  await other.query('update "Event" set position = 1000000000000 where "jobId" = $1', [job])
  await alignPositions(other, false)
  const told: Told[] = []
  const place = await readOn(beforeAllEvents, told)
  assert.deepEqual(told, [{ jobId: job, seq: 1 }])
  await bench.claim()
  await readOn(place, told)
  assert.deepEqual(told, [
    { jobId: job, seq: 1 },
    { jobId: job, seq: 2 },
  ])
  const before = (await outbox.horizon()).horizon
  await alignPositions(other, false)
  assert.ok((await outbox.horizon()).horizon < before + 100n, 'positions leap only where they must')
  await alignPositions(other, true)
  assert.ok((await outbox.horizon()).horizon > before + 2n ** 32n, 'or if it is said')
})

test('an event that says neither tenant nor position gets those of its job', async () => {
  const id = await bench.store({ tenant: 'ann' })
  const [event] = await bench.database.prisma.event.findMany({ where: { jobId: id } })
  assert.equal(event?.tenant, 'ann')
  assert.ok((event?.position ?? 0n) > 0n)
})
