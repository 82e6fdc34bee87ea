/** Whose job is next, and how many may be queued and in work. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createLeaseRepository } from '../../../src/features/jobs/lease.repository.ts'
import { createRecoveryRepository } from '../../../src/features/jobs/recovery.repository.ts'
import { placeJobs } from '../../../src/features/jobs/sql/place.ts'
import { batch, success } from '../../support/batches.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

let bench: LeaseBench
before(async () => {
  bench = await openLeaseBench()
})
after(() => bench.close())
beforeEach(async () => {
  await bench.database.prisma.job.deleteMany()
  await bench.database.prisma.tenant.deleteMany()
})

/** Queues so many jobs of a tenant in one statement. */
const queue = async (tenant: string, jobs: number, { device = 'any', priority = 0 } = {}): Promise<void> => {
  const template = await bench.store({ tenant, config: { device }, priority })
  await bench.database.prisma.$executeRaw`
    insert into "Job" (id, tenant, status, config, "datasetId", epochs, "lastSeq", device, priority, "queuedAt")
    select id || '_' || lpad(n::text, 6, '0'), tenant, status, config, "datasetId", epochs, 0, device, priority, "queuedAt" + n * interval '1 ms'
    from "Job" cross join generate_series(2, ${jobs}::int) n where id = ${template}`
  await bench.database.prisma.$executeRaw`update "Tenant" set queued = queued + ${jobs}::int - 1 where name = ${tenant}`
}

/** One worker's next job, which holds its process for so many seconds of the database's clock. Gives the tenant. */
const work = async (seconds: (tenant: string) => number = () => 0.01): Promise<string> => {
  const claim = await bench.claim()
  await bench.database.prisma.$executeRaw`
    update "Tenant" set "usedAt" = "usedAt" - ${seconds(claim.tenant)} * interval '1 second' where name = ${claim.tenant}`
  assert.deepEqual(await bench.lease.commit(claim, batch({ closing: success })), { status: 'succeeded' })
  return claim.tenant
}

const workThrough = async (jobs: number, seconds?: (tenant: string) => number): Promise<string[]> => {
  const tenants: string[] = []
  for (let job = 0; job < jobs; job += 1) tenants.push(await work(seconds))
  return tenants
}

const count = (tenants: string[], tenant: string): number => tenants.filter((one) => one === tenant).length

describe('tenants take turns with one worker', () => {
  test('a newcomer has the next turn, however many jobs another has queued', async () => {
    await queue('busy', 300)
    assert.deepEqual(await workThrough(5), new Array(5).fill('busy'))
    await queue('late', 3)
    const next = await workThrough(6)
    assert.ok(next.slice(0, 2).includes('late'))
    assert.ok(count(next, 'late') >= 2, next.join())
  })

  test('a newcomer has no more than its share, however long it was away', async () => {
    await queue('busy', 50)
    await workThrough(20, () => 10)
    await queue('late', 50)
    const share = count(await workThrough(20, () => 10), 'late')
    assert.ok(share >= 9 && share <= 11, `${share} of 20`)
  })

  test('who used processes for longer has as many turns fewer', async () => {
    await queue('long', 20)
    await queue('short', 60)
    const tenants = await workThrough(40, (tenant) => (tenant === 'long' ? 4 : 1))
    const share = count(tenants, 'long')
    assert.ok(share >= 7 && share <= 10, `${share} of 40`)
  })

  test('what a tenant used more than others is forgiven in the end', async () => {
    await queue('busy', 20)
    await work(() => 1_000_000)
    await queue('other', 20)
    const tenants = await workThrough(10, () => 100)
    assert.ok(count(tenants, 'busy') >= 3, tenants.join())
  })

  test('what cannot run here holds up neither its tenant nor others', async () => {
    await queue('gpus', 200, { device: 'gpu', priority: 9 })
    await queue('gpus', 1)
    await queue('other', 1)
    assert.deepEqual((await workThrough(2)).toSorted(), ['gpus', 'other'])
    assert.equal(await bench.lease.claim({ gpu: false }), null)
    assert.deepEqual(await bench.recovery.runnable({ gpu: false, limit: 5 }), [])
    assert.equal((await bench.recovery.runnable({ gpu: true, limit: 5 })).length, 5)
  })
})

describe('a limit of running jobs', () => {
  test('is kept however many workers claim at once, and others go on', async () => {
    const lease = createLeaseRepository(bench.database, 2)
    await queue('busy', 20)
    await queue('other', 1)
    const claims = (await Promise.all(Array.from({ length: 12 }, () => lease.claim({ gpu: false })))).flatMap((claim) =>
      claim ? [claim] : [],
    )
    for (let claim = await lease.claim({ gpu: false }); claim; claim = await lease.claim({ gpu: false })) claims.push(claim)
    assert.deepEqual(claims.map(({ tenant }) => tenant).toSorted(), ['busy', 'busy', 'other'])
    assert.deepEqual(await createRecoveryRepository(bench.database, 2).runnable({ gpu: false, limit: 5 }), [])
    const own = claims.find(({ tenant }) => tenant === 'busy')
    assert.ok(own)
    await lease.commit(own, batch({ closing: success }))
    assert.equal((await lease.claim({ gpu: false }))?.tenant, 'busy')
  })
})

describe('the place of a job', () => {
  test('is counted up to the two hundredth, and estimated beyond', async () => {
    await queue('busy', 1000)
    const rows = await bench.database.prisma.jobIndex.findMany({
      orderBy: [{ rank: 'asc' }, { queuedAt: 'asc' }, { id: 'asc' }],
      select: { id: true },
    })
    const places = await placeJobs(
      bench.database.prisma,
      'busy',
      rows.map(({ id }) => id),
      null,
    )
    const at = (position: number) => places.get(rows[position - 1]?.id ?? '')
    assert.deepEqual(at(1), { position: 1, approximate: false, waitsFor: 'worker' })
    assert.deepEqual(at(200), { position: 200, approximate: false, waitsFor: 'turn' })
    for (const place of [201, 500, 1000]) {
      const { position = 0, approximate } = at(place) ?? {}
      assert.ok(approximate && Math.abs(position - place) < 20, `${position} for ${place}`)
    }
    assert.equal((await placeJobs(bench.database.prisma, 'other', [rows[0]?.id ?? ''], null)).size, 0)
  })

  test('says for what it waits: a worker, its turn, a limit or a GPU', async () => {
    const waitsFor = async (tenant: string, maxRunning: number | null = null) => {
      const id = await bench.store({ tenant, config: { device: tenant === 'gpus' ? 'gpu' : 'any' } })
      return (await placeJobs(bench.database.prisma, tenant, [id], maxRunning)).get(id)?.waitsFor
    }
    assert.equal(await waitsFor('first'), 'worker')
    assert.equal(await waitsFor('first'), 'turn')
    assert.equal(await waitsFor('gpus'), 'gpu')
    await work(() => 50)
    await bench.store({ tenant: 'second' })
    assert.equal(await waitsFor('first'), 'turn')
    while ((await bench.claim()).tenant !== 'first');
    assert.equal(await waitsFor('first', 1), 'limit')
  })
})
