/** Carries steps out with the product's own statements on a real PostgreSQL, and holds every answer and every row against the model. */
import assert from 'node:assert/strict'
import { statusAfter } from '../../src/contracts/lifecycle.ts'
import { removeUnusedDatasets } from '../../src/features/datasets/unused-datasets.repository.ts'
import { createJobRepository } from '../../src/features/jobs/job.repository.ts'
import type { Batch, Closing } from '../../src/features/jobs/lease.ts'
import { batch, report, stateAfter, success } from '../support/batches.ts'
import { type LeaseBench, openLeaseBench } from '../support/lease-bench.ts'
import { type Answered, afterwards, batchOf, chosen, type Model, type ModelClaim, type ModelJob } from './model.ts'
import type { Operation, Step } from './operations.ts'

const tenant = 'default'

const closings: Record<Extract<Operation, { does: 'close' }>['to'], Closing> = {
  succeeded: success,
  failed: { to: 'failed', code: 'LOSS_DIVERGED', message: 'it diverged' },
  cancelled: { to: 'cancelled' },
  paused: { to: 'paused' },
  queued: { to: 'queued', reason: 'stopped', crashed: false },
  crashed: { to: 'queued', reason: 'died', crashed: true },
}

/** A database for any number of simulations, one after the other. */
export const openSimulation = async () => {
  const bench = await openLeaseBench()
  const jobs = createJobRepository(bench.database, removeUnusedDatasets, { maxQueued: 1000 })
  const revisions = new Map<string, number>()

  /** @throws AssertionError naming the step after which the rows were not what they should be */
  const run = async (steps: readonly Step[]): Promise<void> => {
    await bench.database.prisma.job.deleteMany()
    revisions.clear()
    let model: Model = { jobs: [], claims: [] }
    for (const [index, step] of steps.entries()) {
      const where = `step ${index + 1}, ${JSON.stringify(step)}`
      model = step.does === 'together' ? await together(model, step, where) : await alone(model, step, where)
      await compare(model, where)
    }
  }

  const alone = async (model: Model, operation: Operation, where: string): Promise<Model> => {
    const answered = await perform(bench, jobs, model, operation)
    const after = afterwards(model, operation, answered, { alone: true, now: Date.now() })
    assert.ok(after, `${where}: answered ${JSON.stringify(answered)} with ${JSON.stringify(model)}`)
    if (!(operation.does === 'commit' && operation.lostAnswer)) return after
    // What was not heard is sent again.
    const again = { ...operation, lostAnswer: false }
    const second = await perform(bench, jobs, { ...after, claims: model.claims }, again)
    const last = afterwards(after, again, second, { alone: true, now: Date.now() })
    assert.ok(last, `${where}: sent again it answered ${JSON.stringify(second)} with ${JSON.stringify(after)}`)
    return last
  }

  const together = async (model: Model, { first, second }: Extract<Step, { does: 'together' }>, where: string): Promise<Model> => {
    // A worker writes one thing after the other.
    if (claimOf(model, first) && claimOf(model, first) === claimOf(model, second))
      return alone(await alone(model, first, where), second, where)
    const [a, b] = await Promise.all([perform(bench, jobs, model, first), perform(bench, jobs, model, second)])
    const circumstances = { alone: false, now: Date.now() }
    const follow = (from: Model | null, operation: Operation, answered: Answered): Model | null =>
      from && afterwards(from, operation, answered, circumstances)
    const orders = [follow(follow(model, first, a), second, b), follow(follow(model, second, b), first, a)].filter((one) => one !== null)
    const rows = await read(bench)
    const fitting = orders.find((one) => JSON.stringify(rows.map(shown)) === JSON.stringify(one.jobs.toSorted(byId).map(expected)))
    assert.ok(fitting, `${where}: no order explains ${JSON.stringify([a, b, rows.map(shown)])} with ${JSON.stringify(model)}`)
    return fitting
  }

  const compare = async (model: Model, where: string): Promise<void> => {
    const rows = await read(bench)
    assert.deepEqual(rows.map(shown), model.jobs.toSorted(byId).map(expected), where)
    assert.deepEqual(await following(bench), [], `${where}: what is kept beside the rows is what they say`)
    for (const row of rows) {
      assert.deepEqual(
        row.seqs,
        row.types.map((_, at) => at + 1),
        `${where}: events are numbered without gaps`,
      )
      assert.deepEqual(
        row.epochs,
        row.epochs.map((_, at) => at + 1),
        `${where}: epochs are stored once and without gaps`,
      )
      const ends = row.types.filter((type) => ['succeeded', 'failed', 'cancelled'].includes(type))
      assert.ok(
        ends.length <= 1 && (ends.length === 0 || ends[0] === row.types.at(-1)),
        `${where}: a job ends once, and nothing comes after`,
      )
      const changed = `${row.status} ${row.types.length} ${row.epochs.length}`
      assert.ok(row.revision >= (revisions.get(row.id) ?? 0), `${where}: ${changed}: the revision went back`)
      revisions.set(row.id, row.revision)
    }
  }

  return { run, close: bench.close }
}

/** The claim by which a step writes, where it does. */
const claimOf = (model: Model, step: Operation): ModelClaim | undefined => ('claim' in step ? chosen(model.claims, step.claim) : undefined)

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)

/** What rows and model must agree on. */
const expected = ({ id, status, holder, crashes, epochs, checkpoint, events }: ModelJob) => ({
  id,
  status,
  holder,
  crashes,
  epochs,
  checkpoint,
  events,
})

type Row = {
  id: string
  status: string
  holder: string | null
  crashes: number
  epoch: number
  revision: number
  checkpoint: number
  types: string[]
  seqs: number[]
  epochs: number[]
}

const shown = ({ id, status, holder, crashes, epoch, checkpoint, types }: Row) => ({
  id,
  status,
  holder,
  crashes,
  epochs: epoch,
  checkpoint,
  events: types,
})

const read = async ({ database }: LeaseBench): Promise<Row[]> => {
  const rows = await database.prisma.$queryRaw<Row[]>`
    select job.id, job.status, job."leaseToken"::text as holder, job.crashes, job.epoch, job.revision, coalesce(saved.epoch, 0) as checkpoint,
      array(select type from "Event" where "jobId" = job.id order by seq) as types,
      array(select seq from "Event" where "jobId" = job.id order by seq) as seqs,
      array(select epoch from "Epoch" where "jobId" = job.id order by epoch) as epochs
    from "Job" job left join "Checkpoint" saved on saved."jobId" = job.id`
  return rows.sort(byId)
}

/** Where the index of jobs, or the counts of their tenants, are not what the jobs' rows say. */
const following = ({ database }: LeaseBench): Promise<unknown[]> => database.prisma.$queryRaw<unknown[]>`
  select 'index' as what, job.id, job.status, place.status as found from "Job" job full join "JobIndex" place on place.id = job.id
  where (job.tenant, job.status, job.device, -job.priority, job."queuedAt") is distinct from (place.tenant, place.status, place.device, place.rank, place."queuedAt")
  union all
  select 'count', null, status, found::text from "Tenant" tenant
    cross join jsonb_each(to_jsonb(tenant) - array['name', 'usedSeconds', 'usedAt', 'turn']) as counted(status, found)
  where found::int <> (select count(*) from "Job" job where job.tenant = tenant.name and job.status = counted.status)`

type Jobs = ReturnType<typeof createJobRepository>

/** What a worker would write: epochs with an event each, after those that it knows of. */
const written = (from: number, { epochs, saved }: { epochs: number; saved: boolean }, closing: Closing | null): Batch => {
  const numbers = Array.from({ length: epochs }, (_, at) => from + at + 1)
  const events = numbers.map((epoch) => ({ type: 'epoch' as const, data: { epoch, loss: 0.5 } }))
  return batch({ epochs: numbers.map((epoch) => report(epoch)), state: saved ? stateAfter(from + epochs) : null, events, closing })
}

type Of<Does extends Operation['does']> = Extract<Operation, { does: Does }>
type Site = { bench: LeaseBench; jobs: Jobs; model: Model }
type Act<Does extends Operation['does']> = (site: Site, operation: Of<Does>) => Promise<Answered>

const nothing: Answered = { kind: 'nothing' }

const write = async ({ bench, model }: Site, operation: Of<'commit'> | Of<'close'>): Promise<Answered> => {
  const claim = chosen(model.claims, operation.claim)
  if (!claim) return nothing
  const closing = operation.does === 'close' ? closings[operation.to] : null
  try {
    const committed = await bench.lease.commit(claim, written(claim.written, batchOf(operation), closing))
    return { kind: 'status', status: committed?.status ?? null }
  } catch (error) {
    return { kind: 'error', message: String(error).slice(-300) }
  }
}

const acts: { [Does in Operation['does']]: Act<Does> } = {
  submit: async ({ bench }) => ({ kind: 'submitted', id: await bench.store({ epochs: 100 }) }),
  claim: async ({ bench }) => {
    const claim = await bench.lease.claim({ gpu: false })
    return { kind: 'claimed', claim: claim && { jobId: claim.jobId, token: claim.token, fromEpoch: claim.checkpoint?.epoch ?? 0 } }
  },
  heartbeat: async ({ bench, model }, { claim: at }) => {
    const claim = chosen(model.claims, at)
    return claim ? { kind: 'status', status: await bench.lease.heartbeat(claim) } : nothing
  },
  commit: write,
  close: write,
  act: async ({ jobs, model }, { job: at, action }) => {
    const job = chosen(model.jobs, at)
    const moved = job && (await jobs.move(tenant, job.id, (status) => statusAfter(action, status)))
    return moved ? { kind: 'moved', from: moved.from, to: moved.to } : nothing
  },
  runOut: async ({ bench, model }, { job: at }) => {
    for (const job of at === null ? model.jobs : [chosen(model.jobs, at)]) if (job?.holder) await bench.runOut(job.id)
    return nothing
  },
  sweep: async ({ bench }) => ({ kind: 'freed', ids: (await bench.recovery.freeAbandoned()).map(({ id }) => id) }),
  remove: async ({ jobs, model }, { job: at }) => {
    const job = chosen(model.jobs, at)
    if (!job) return nothing
    const outcome = await jobs.remove(tenant, job.id, (status) => ['succeeded', 'failed', 'cancelled'].includes(status))
    return { kind: 'removed', outcome: typeof outcome === 'object' ? 'a model stands for it' : outcome }
  },
}

const perform = <Does extends Operation['does']>(bench: LeaseBench, jobs: Jobs, model: Model, operation: Of<Does>): Promise<Answered> =>
  (acts[operation.does] as Act<Does>)({ bench, jobs, model }, operation)
