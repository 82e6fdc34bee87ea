/** Trainers in PostgreSQL, the worker's side: who has one open, what it is to do, what came of it. */
import type { EngineDescription } from '../../contracts/engine.ts'
import type { ProblemCode, ValidationError } from '../../contracts/error-codes.ts'
import { channels } from '../../contracts/queue.ts'
import type { SavedTrainer, TrainerError, TrainerStanding, TrainerState } from '../../contracts/trainer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { sizeOf } from '../../numerics/shape.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { pack, unpackValues } from '../jobs/checkpoint-encoding.ts'
import { describedDataset, type SubjectRow, type TrainerSubject, toSubject } from './evaluated-dataset.repository.ts'

/** How long a process that has trainers open counts as alive without a sign of life. */
const aliveSeconds = 4

/** A trainer that this process has taken. */
export type HeldTrainer = TrainerSubject & {
  id: string
  asked: 'eager' | 'graph' | null
  engine: EngineDescription | null
  /** Why it could not be opened, the last time. */
  error: TrainerError | null
  idleSeconds: number
  lastSeq: number
  state: (TrainerState & { seq: number }) | null
}

/** What is to be done for a trainer. */
export type TrainerWork = { seq: number | null; request: string | null; wanted: boolean; lastSeq: number }

type Layout = { name: string; shape: number[] }[]
type Packed = { layout: string; values: Uint8Array }

/** Why nothing was done. */
type Refusal = { code: ProblemCode; detail: string; errors: ValidationError[] }

/** Everything that a request leaves behind: its answer, and in the same transaction what must be kept with it. */
export type Commit = {
  id: string
  seq: number
  version: number
  response: string
  state: TrainerState | null
  saved: Record<string, SavedTrainer>
}

export const createTrainerHostRepository = ({ prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>, token: string) => {
  /** Says that this process is alive. */
  const beat = async (): Promise<void> => {
    await prisma.$executeRaw`
      insert into "TrainerHost" (token, "aliveUntil") values (${token}::uuid, now() + ${aliveSeconds} * interval '1 second')
      on conflict (token) do update set "aliveUntil" = excluded."aliveUntil"`
    await prisma.$executeRaw`delete from "TrainerHost" where "aliveUntil" < now() - interval '1 hour'`
  }

  const leave = async (): Promise<void> => {
    await prisma.$executeRaw`delete from "TrainerHost" where token = ${token}::uuid`
  }

  /** Takes a trainer that no living process has; null if there is none. */
  const take = async (id: string): Promise<HeldTrainer | null> => {
    const [row] = await prisma.$queryRaw<TakenRow[]>`
      with taken as (
        update "Trainer" set "hostToken" = ${token}::uuid, status = 'active'
        where id = ${id} and status <> 'closed' and ("hostToken" is null or "hostToken" = ${token}::uuid
          or not exists (select from "TrainerHost" host where host.token = "hostToken" and "aliveUntil" > now()))
        returning *
      )
      select taken.id, config, asked, "rowCounts", engine, error, "idleSeconds", "lastSeq",
        taken.given, ${describedDataset} as dataset,
        kept.seq, kept.standing, kept.layout, kept.values
      from taken left join "Dataset" dataset on dataset.id = taken."datasetId" left join "TrainerState" kept on "trainerId" = taken.id`
    if (!row) return null
    const { seq, standing, layout, values, config, dataset, given, rowCounts, ...rest } = row
    const state = seq !== null && standing && layout && values ? { seq, standing, tensors: unpack({ layout, values }) } : null
    return { ...rest, ...toSubject({ config, dataset, given, rowCounts }), state }
  }

  /** The request that waits, and whether the state is wanted; null if this process has lost the trainer. */
  const work = async (id: string): Promise<TrainerWork | null> => {
    const [row] = await prisma.$queryRaw<TrainerWork[]>`
      select seq, request, wanted, "lastSeq" from "Trainer" left join "TrainerOperation" on "trainerId" = id and seq = "lastSeq" + 1 and response is null
      where id = ${id} and "hostToken" = ${token}::uuid and status <> 'closed'`
    return row ?? null
  }

  /** Requests that were done after the kept state, some of them at a time. */
  const done = (id: string, after: number, upTo: number, limit: number): Promise<{ seq: number; request: string }[]> =>
    prisma.$queryRaw`
      select seq, request from "TrainerOperation" where "trainerId" = ${id} and seq > ${after}::int and seq <= ${upTo}::int order by seq limit ${limit}::int`

  /** Keeps the answer to a request, and what must be kept with it; false if another process has the trainer, or nobody. */
  const commit = async ({ state, saved, ...commit }: Commit): Promise<boolean> => {
    const isPlain = state === null && Object.keys(saved).length === 0
    if (isPlain) return (await prisma.$queryRaw<unknown[]>(answering(commit, token))).length > 0 || isCommitted(commit)
    return transaction(async (tx) => {
      const rows = await tx.$queryRaw<unknown[]>(answering(commit, token))
      if (rows.length === 0) return isCommitted(commit)
      if (state) await tx.$executeRaw(keeping(commit.id, commit.seq, state))
      for (const [name, { steps, tensors }] of Object.entries(saved)) {
        const { layout, values } = packed(tensors)
        await tx.$executeRaw`
          insert into "TrainerCheckpoint" ("trainerId", name, version, steps, layout, values)
          values (${commit.id}, ${name}, ${commit.version}::bigint, ${steps}::bigint, ${layout}::jsonb, ${values}::bytea)
          on conflict ("trainerId", name) do update set version = excluded.version, steps = excluded.steps, layout = excluded.layout,
            values = excluded.values, "createdAt" = now()`
      }
      return true
    })
  }

  /** Whether a write whose answer was lost was made. */
  const isCommitted = async ({ id, seq }: Pick<Commit, 'id' | 'seq'>): Promise<boolean> =>
    (
      await prisma.$queryRaw<
        unknown[]
      >`select 1 from "Trainer" where id = ${id} and "hostToken" = ${token}::uuid and "lastSeq" = ${seq}::int`
    ).length > 0

  /** Answers a request that did nothing: another may take its place. */
  const refuse = async (id: string, seq: number, problem: Refusal): Promise<void> => {
    await prisma.$executeRaw`
      with refused as (
        update "TrainerOperation" set response = ${JSON.stringify(problem)}, failed = true
        where "trainerId" = ${id} and seq = ${seq}::int and response is null
          and exists (select from "Trainer" where id = ${id} and "hostToken" = ${token}::uuid and "lastSeq" = ${seq - 1}::int)
        returning "trainerId"
      )
      select pg_notify(${channels.trainer}, "trainerId") from refused`
  }

  /** Says that a trainer cannot be opened, to everyone who waits for its state too. */
  const fail = async (id: string, error: TrainerError): Promise<void> => {
    await prisma.$executeRaw`
      with failed as (
        update "Trainer" set error = ${JSON.stringify(error)}::jsonb, wanted = false where id = ${id} and "hostToken" = ${token}::uuid returning id
      )
      select pg_notify(${channels.trainer}, id) from failed`
  }

  /** Keeps the state after a request, and lets go of answers that nobody needs any more; false if this process has lost the trainer. */
  const keep = (id: string, seq: number, state: TrainerState, keptAnswers: number): Promise<boolean> =>
    transaction(async (tx) => {
      const rows = await tx.$queryRaw<unknown[]>`
        update "Trainer" set wanted = false where id = ${id} and "hostToken" = ${token}::uuid and "lastSeq" = ${seq}::int
        returning pg_notify(${channels.trainer}, id)::text as woken`
      if (rows.length === 0) return false
      await tx.$executeRaw(keeping(id, seq, state))
      await tx.$executeRaw`delete from "TrainerOperation" where "trainerId" = ${id} and seq <= ${seq - keptAnswers}::int`
      return true
    })

  /** Lets go of a trainer whose state is kept; `parked` if it is to rest. */
  const release = async (id: string): Promise<void> => {
    await prisma.$executeRaw`
      update "Trainer" set "hostToken" = null, status = 'parked' where id = ${id} and "hostToken" = ${token}::uuid and status <> 'closed'
        and "lastSeq" = coalesce((select seq from "TrainerState" where "trainerId" = id), 0)`
  }

  /** Says what executes it, now that it is open. */
  const describe = async (id: string, engine: EngineDescription): Promise<void> => {
    await prisma.$executeRaw`update "Trainer" set engine = ${JSON.stringify(engine)}::jsonb, error = null where id = ${id} and "hostToken" = ${token}::uuid`
  }

  /** Trainers with something to do that no living process has, or that this one has. */
  const waiting = async (limit: number): Promise<string[]> => {
    const rows = await prisma.$queryRaw<{ id: string }[]>`
      select id from "Trainer" where id in (
          select "trainerId" from "TrainerOperation" where response is null union all select id from "Trainer" where wanted
        ) and status <> 'closed' and ("hostToken" is null or "hostToken" = ${token}::uuid
          or not exists (select from "TrainerHost" host where host.token = "hostToken" and "aliveUntil" > now()))
      limit ${limit}::int`
    return rows.map(({ id }) => id)
  }

  /** Names of what was saved, with their steps. */
  const savedSteps = async (id: string): Promise<Record<string, number>> => {
    const rows = await prisma.$queryRaw<{ name: string; steps: number }[]>`
      select name, steps::float8 as steps from "TrainerCheckpoint" where "trainerId" = ${id}`
    return Object.fromEntries(rows.map(({ name, steps }) => [name, steps]))
  }

  /** What was saved under these names. */
  const saved = async (id: string, names: readonly string[]): Promise<Record<string, SavedTrainer>> => {
    const rows = await prisma.$queryRaw<{ name: string; steps: number; layout: Layout; values: Uint8Array }[]>`
      select name, steps::float8 as steps, layout, values from "TrainerCheckpoint" where "trainerId" = ${id} and name = any(${[...names]})`
    return Object.fromEntries(rows.map(({ name, steps, ...tensors }) => [name, { steps, tensors: unpack(tensors) }]))
  }

  return { beat, leave, take, work, done, commit, refuse, fail, keep, release, describe, waiting, savedSteps, saved }
}

export type TrainerHostRepository = ReturnType<typeof createTrainerHostRepository>

type TakenRow = Omit<HeldTrainer, keyof TrainerSubject | 'state'> &
  SubjectRow & {
    seq: number | null
    standing: TrainerStanding | null
    layout: Layout | null
    values: Uint8Array | null
  }

/** The answer of a request whose turn it is. */
const answering = ({ id, seq, version, response }: Omit<Commit, 'state' | 'saved'>, token: string): Prisma.Sql => Prisma.sql`
  with moved as (
    update "Trainer" set "lastSeq" = ${seq}::int, version = ${version}::bigint, "usedAt" = now()
    where id = ${id} and "hostToken" = ${token}::uuid and "lastSeq" = ${seq - 1}::int returning id
  ), answered as (
    update "TrainerOperation" set response = ${response} where "trainerId" = ${id} and seq = ${seq}::int and exists (select from moved)
  )
  select pg_notify(${channels.trainer}, id)::text as woken from moved`

const keeping = (id: string, seq: number, { standing, tensors }: TrainerState): Prisma.Sql => {
  const { layout, values } = packed(tensors)
  return Prisma.sql`
    insert into "TrainerState" ("trainerId", seq, standing, layout, values)
    values (${id}, ${seq}::int, ${JSON.stringify(standing)}::jsonb, ${layout}::jsonb, ${values}::bytea)
    on conflict ("trainerId") do update set seq = excluded.seq, standing = excluded.standing, layout = excluded.layout, values = excluded.values`
}

const packed = (tensors: TrainerState['tensors']): Packed => ({
  layout: JSON.stringify(tensors.map(({ name, shape }) => ({ name, shape }))),
  values: pack(tensors.map(({ values }) => values)),
})

const unpack = ({ layout, values }: { layout: Layout; values: Uint8Array }): TrainerState['tensors'] => {
  const all = unpackValues(values)
  let from = 0
  return layout.map(({ name, shape }) => {
    from += sizeOf(shape)
    return { name, shape, values: all.slice(from - sizeOf(shape), from) }
  })
}
