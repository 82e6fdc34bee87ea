/**
 * Every status of a job with everything that can be asked of it: one table, to which the rules of src/contracts/lifecycle.ts
 * and the statements on a real PostgreSQL are both held.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  afterRelease,
  heldStatuses,
  isTerminal,
  type JobAction,
  type JobStatus,
  jobActions,
  jobStatuses,
  maxCrashes,
  type Release,
  releases,
  statusAfter,
} from '../../../src/contracts/lifecycle.ts'
import { removeUnusedDatasets } from '../../../src/features/datasets/unused-datasets.repository.ts'
import { createJobRepository } from '../../../src/features/jobs/job.repository.ts'
import type { Closing } from '../../../src/features/jobs/lease.ts'
import { batch, success } from '../../support/batches.ts'
import { eventTypes } from '../../support/jobs.ts'
import { type LeaseBench, openLeaseBench } from '../../support/lease-bench.ts'

/** What a job is afterwards; `=` the same, `-` refused or not found by the statement, `x` deleted. */
const table = `
                  queued     running    pausing    cancelling paused     succeeded  failed     cancelled
  cancel          cancelled  cancelling cancelling =          cancelled  -          -          -
  pause           paused     pausing    =          -          =          -          -          -
  resume          =          =          running    -          queued     -          -          -
  delete          -          -          -          -          -          x          x          x
  claim           running    -          -          -          -          -          -          -
  heartbeat       -          =          =          =          -          -          -          -
  commit          -          =          =          =          -          -          -          -
  succeeded       -          succeeded  succeeded  succeeded  -          -          -          -
  failed          -          failed     failed     failed     -          -          -          -
  cancelled       -          cancelled  cancelled  cancelled  -          -          -          -
  paused          -          =          paused     cancelled  -          -          -          -
  queued          -          queued     paused     cancelled  -          -          -          -
  crashed         -          queued     paused     cancelled  -          -          -          -
  crashedTooOften -          failed     paused     cancelled  -          -          -          -
  lost            -          queued     paused     cancelled  -          -          -          -
  lostTooOften    -          failed     paused     cancelled  -          -          -          -
`
/** The events of these moves, where they are not named for the status that they lead to. */
const eventOf = (request: string, from: JobStatus, to: JobStatus): string => {
  if (request === 'claim') return 'started'
  if (request === 'resume' && from === 'pausing') return 'resumed'
  return request !== 'resume' && to === 'queued' ? 'released' : to
}

const [head = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))
const cases = rows.flatMap(([request = '', ...cells]) =>
  head.map((status, at) => ({ request, from: status as JobStatus, cell: cells[at] ?? '', to: outcome(status, cells[at] ?? '') })),
)

function outcome(from: string, cell: string): JobStatus | null {
  if (cell === '=') return from as JobStatus
  return cell === '-' || cell === 'x' ? null : (cell as JobStatus)
}

const isHeld = (status: JobStatus): boolean => heldStatuses.some((held) => held === status)

describe('the table of a job’s life', () => {
  test('speaks of every status and every request', () => {
    assert.deepEqual([...head].sort(), [...jobStatuses].sort())
    const requests = rows.map(([request]) => request)
    for (const known of [...jobActions, ...releases]) assert.ok(requests.includes(known), known)
    assert.ok(cases.every(({ cell }) => cell !== ''))
  })

  test('the table of a job’s life is what the rules say', () => {
    for (const { request, from, cell, to } of cases) {
      const where = `${request} of a ${from} job`
      if (jobActions.some((action) => action === request)) assert.equal(statusAfter(request as JobAction, from), to, where)
      if (request === 'delete') assert.equal(isTerminal(from), cell === 'x', where)
      const release = request.replace('lost', 'crashed') as Release
      const held = heldStatuses.find((status) => status === from)
      if (releases.includes(release) && held) assert.equal(afterRelease[release][held], to, where)
    }
  })
})

describe('the statements of a job’s life', () => {
  let bench: LeaseBench
  let jobs: ReturnType<typeof createJobRepository>
  before(async () => {
    bench = await openLeaseBench()
    jobs = createJobRepository(bench.database, removeUnusedDatasets, { maxQueued: 1000 })
  })
  after(() => bench.close())
  beforeEach(() => bench.database.prisma.job.deleteMany())

  /** A job in a status, held if it is one of those, that crashed so often; and the token by which a worker holds or held it. */
  const store = async (status: JobStatus, crashes: number) => {
    const id = await bench.store({ status })
    const token = randomUUID()
    const lease = isHeld(status) ? { leaseToken: token, leaseUntil: new Date(Date.now() + 60_000) } : {}
    await bench.database.prisma.job.update({ where: { id }, data: { ...lease, crashes } })
    return { jobId: id, token }
  }

  /** Asks it. False if it was refused, or the statement found nothing to do it to. */
  const ask = async (request: string, holder: { jobId: string; token: string }): Promise<boolean> => {
    const { jobId } = holder
    switch (request) {
      case 'cancel':
      case 'pause':
      case 'resume':
        return (await jobs.move('default', jobId, (status) => statusAfter(request, status)))?.to !== null
      case 'delete':
        return (await jobs.remove('default', jobId, isTerminal)) === 'removed'
      case 'claim':
        return (await bench.lease.claim({ gpu: false })) !== null
      case 'heartbeat':
        return (await bench.lease.heartbeat(holder)) !== null
      case 'commit':
        return (await bench.lease.commit(holder, batch())) !== null
      case 'lost':
      case 'lostTooOften':
        await bench.runOut(jobId)
        return (await bench.recovery.freeAbandoned()).length > 0
      default:
        return (await bench.lease.commit(holder, batch({ closing: closings[request] ?? null }))) !== null
    }
  }

  for (const [request = ''] of rows)
    test(`the statements of a job’s life do what the table says to a job in any status on ${request}`, async () => {
      for (const one of cases.filter((other) => other.request === request)) {
        const where = `${request} of a ${one.from} job`
        const holder = await store(one.from, crashesBefore(request))
        assert.equal(await ask(request, holder), one.cell !== '-', where)
        const row = await bench.database.prisma.job.findUnique({ where: { id: holder.jobId } })
        const events = await eventTypes(bench.database, holder.jobId)
        assert.deepEqual(row && { ...shown(row), events }, one.cell === 'x' ? null : expected(one), where)
        await bench.database.prisma.job.deleteMany()
      }
    })
})

type Row = Awaited<ReturnType<LeaseBench['row']>>

/** What a row tells of where its job stands. */
const shown = ({ status, leaseToken, finishedAt, crashes, errorCode }: Row) => ({
  status,
  held: leaseToken !== null,
  ended: finishedAt !== null,
  crashes,
  errorCode,
})

const crashesBefore = (request: string): number => (request.endsWith('TooOften') ? maxCrashes - 1 : 0)

/** What it should tell afterwards. */
const expected = ({ request, from, cell, to }: (typeof cases)[number]) => {
  const status = to ?? from
  const moved = status !== from
  const died = cell !== '-' && /crashed|lost/.test(request)
  return {
    status,
    held: isHeld(status),
    ended: moved && isTerminal(status),
    crashes: crashesBefore(request) + (died ? 1 : 0),
    errorCode: moved && status === 'failed' ? (died ? 'WORKER_CRASHED' : 'INTERNAL') : null,
    events: ['queued', ...(moved ? [eventOf(request, from, status)] : [])],
  }
}

const closings: Record<string, Closing> = {
  succeeded: success,
  failed: { to: 'failed', code: 'INTERNAL', message: 'it failed' },
  cancelled: { to: 'cancelled' },
  paused: { to: 'paused' },
  queued: { to: 'queued', reason: 'stopped', crashed: false },
  crashed: { to: 'queued', reason: 'died', crashed: true },
  crashedTooOften: { to: 'queued', reason: 'died', crashed: true },
}
