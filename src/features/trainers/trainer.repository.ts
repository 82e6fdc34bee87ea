/** Trainers in PostgreSQL, the API's side; `tenant` goes into every statement. */
import type { PageRequest } from '../../api/page.schema.ts'
import { toJsonText } from '../../api/write-json.ts'
import { channels } from '../../contracts/queue.ts'
import { firstStanding, type SavedTrainer } from '../../contracts/trainer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database, DatabaseClient } from '../../platform/db/database-client.ts'
import type { insertDescription } from '../datasets/dataset.repository.ts'
import type { NewDataset } from '../datasets/dataset.ts'
import type { removeUnusedDatasets } from '../datasets/unused-datasets.repository.ts'
import { pack, unpackValues } from '../jobs/checkpoint-encoding.ts'
import type { OnStored } from '../on-stored.ts'
import { findIds, fittingIds, newestIds } from '../page.repository.ts'
import type { NewTrainer, ShownTrainer, StoredOperation, TrainerRow } from './trainer.ts'

type KeptState = { version: number; layout: { name: string; shape: number[] }[]; values: Float32Array }

/** Other features' statements, and how many trainers of a tenant may be open. */
type Collaborators = { insertDataset: typeof insertDescription; removeUnused: typeof removeUnusedDatasets; maxLive: number }

export const createTrainerRepository = (
  { prisma, transaction }: Pick<Database, 'prisma' | 'transaction'>,
  { insertDataset, removeUnused, maxLive }: Collaborators,
) => {
  /** Stores a trainer with its dataset if that is new: false if the dataset was deleted meanwhile, 'full' if the tenant has as many as may be. */
  const insert = (trainer: NewTrainer, dataset: NewDataset | null, onStored?: OnStored): Promise<boolean | 'full'> =>
    transaction(async (tx) => {
      const { id, tenant, start, config, rowCounts, asked, ...rest } = trainer
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`trainers of ${tenant}`}, 0))`
      if ((await tx.trainer.count({ where: { tenant, status: { not: 'closed' } } })) >= maxLive) return 'full'
      if (!(await holdDataset(tx, rest.datasetId, dataset))) return false
      await tx.$executeRaw`
        insert into "Trainer" (id, tenant, config, asked, "datasetId", given, "rowCounts", parameters, "idleSeconds", metadata)
        values (${id}, ${tenant}, ${await toJsonText(config)}::jsonb, ${asked}, ${rest.datasetId}, ${orNull(rest.given)}::jsonb, ${orNull(rowCounts)}::jsonb,
          ${JSON.stringify(rest.parameters)}::jsonb, ${rest.idleSeconds}::int, ${JSON.stringify(rest.metadata)}::jsonb)`
      if (start) await insertStart(tx, id, start)
      await onStored?.write(tx, id)
      await tx.$executeRaw`select pg_notify(${channels.trainerWork}, ${id})`
      return true
    })

  /** Stores a dataset that is new, or sees to it that the one there is stays; false if it was deleted meanwhile. */
  const holdDataset = async (tx: DatabaseClient, id: string | null, dataset: NewDataset | null): Promise<boolean> => {
    if (dataset) {
      await insertDataset(tx, dataset)
      await tx.$executeRaw`update "Dataset" set implicit = true where id = ${dataset.id}`
      return true
    }
    if (id === null) return true
    const held = await tx.$queryRaw<unknown[]>`
      select 1 from "Dataset" where id = ${id} and "deletedAt" is null and ("expiresAt" is null or "expiresAt" > now()) for share`
    return held.length > 0
  }

  const find = async (tenant: string, id: string): Promise<ShownTrainer | null> => {
    const [row] = await prisma.$queryRaw<(TrainerRow & { checkpoints: { name: string; version: number; createdAt: string }[] })[]>`
      select ${shown}, coalesce((select jsonb_agg(jsonb_build_object('name', name, 'version', version, 'createdAt', "createdAt") order by name)
        from "TrainerCheckpoint" where "trainerId" = id), '[]') as checkpoints
      from "Trainer" where id = ${id} and tenant = ${tenant}`
    return row ? { ...row, checkpoints: row.checkpoints.map((one) => ({ ...one, createdAt: new Date(one.createdAt) })) } : null
  }

  const list = async (tenant: string, page: PageRequest): Promise<{ rows: TrainerRow[]; hasMore: boolean }> => {
    const ids = await findIds(prisma, newestIds('Trainer', tenant, page))
    const rows = await prisma.$queryRaw<TrainerRow[]>`
      select ${shown} from "Trainer" where id in (select id from (${fittingIds('Trainer', ids, page, bytes)}) as page) order by id desc`
    return { rows, hasMore: ids.length > rows.length }
  }

  /** Stores a request if it is the next one, or in place of one that failed, and wakes who has the trainer; false if it is not. */
  const ask = async (
    tenant: string,
    id: string,
    { seq, hash, request }: { seq: number; hash: Uint8Array; request: string },
  ): Promise<boolean> => {
    const rows = await prisma.$queryRaw<unknown[]>`
      with asked as (
        insert into "TrainerOperation" ("trainerId", seq, hash, request)
        select id, ${seq}::int, ${hash}::bytea, ${request} from "Trainer"
        where id = ${id} and tenant = ${tenant} and status <> 'closed' and "lastSeq" = ${seq - 1}::int for key share
        on conflict ("trainerId", seq) do update set hash = excluded.hash, request = excluded.request, response = null, failed = false
          where "TrainerOperation".failed
        returning "trainerId"
      )
      select pg_notify(${channels.trainerWork}, "trainerId")::text as woken from asked`
    return rows.length > 0
  }

  /** A request of a trainer, if it is kept; null if not. */
  const operation = async (tenant: string, id: string, seq: number): Promise<StoredOperation | null> => {
    const [row] = await prisma.$queryRaw<StoredOperation[]>`
      select hash, response, failed from "TrainerOperation"
      where "trainerId" = ${id} and seq = ${seq}::int and exists (select from "Trainer" where id = ${id} and tenant = ${tenant})`
    return row ?? null
  }

  /** The newest state if it is kept; null if it is not, and then whoever has the trainer is asked to keep it, `again` unless that failed. */
  const wantState = async (tenant: string, id: string, { again }: { again: boolean }): Promise<KeptState | null> => {
    const [row] = await prisma.$queryRaw<{ version: number; layout: KeptState['layout']; values: Uint8Array }[]>`
      select trainer.version::float8 as version, layout, values from "Trainer" trainer join "TrainerState" kept on "trainerId" = id and seq = "lastSeq"
      where id = ${id} and tenant = ${tenant}`
    if (row) return { ...row, values: unpackValues(row.values) }
    await prisma.$executeRaw`
      with wanted as (
        update "Trainer" set wanted = true, error = case when wanted then error end
        where id = ${id} and tenant = ${tenant} and status <> 'closed' and (error is null or not ${again}) returning id
      )
      select pg_notify(${channels.trainerWork}, id) from wanted`
    return null
  }

  /** Ends a trainer: what it saved, and its last kept state, stay; its dataset is no longer needed. False if it was not open. */
  const close = (tenant: string, id: string, onStored?: OnStored): Promise<boolean> =>
    transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ datasetId: string | null }[]>`
        select "datasetId" from "Trainer" where id = ${id} and tenant = ${tenant} and status <> 'closed' for update`
      if (!row) return false
      await tx.$executeRaw`
        update "Trainer" set status = 'closed', "closedAt" = now(), "datasetId" = null, "hostToken" = null, wanted = false where id = ${id}`
      await tx.$executeRaw`delete from "TrainerOperation" where "trainerId" = ${id} and response is null`
      await removeUnused(tx, [row.datasetId])
      await onStored?.write(tx, id)
      await wakeAll(tx, id)
      return true
    })

  const remove = (tenant: string, id: string): Promise<boolean> =>
    transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ datasetId: string | null }[]>`
        delete from "Trainer" where id = ${id} and tenant = ${tenant} returning "datasetId"`
      if (!row) return false
      await removeUnused(tx, [row.datasetId])
      await wakeAll(tx, id)
      return true
    })

  return { insert, find, list, ask, operation, wantState, close, remove }
}

export type TrainerRepository = ReturnType<typeof createTrainerRepository>

const orNull = (value: object | null): string | null => (value ? JSON.stringify(value) : null)

/** Where a trainer begins that does not begin with its initializers. */
const insertStart = async (client: DatabaseClient, id: string, { steps, tensors }: SavedTrainer): Promise<void> => {
  const layout = tensors.map(({ name, shape }) => ({ name, shape }))
  await client.$executeRaw`
    insert into "TrainerState" ("trainerId", seq, standing, layout, values)
    values (${id}, 0, ${JSON.stringify({ ...firstStanding, steps })}::jsonb, ${JSON.stringify(layout)}::jsonb, ${pack(tensors.map(({ values }) => values))}::bytea)`
}

/** Who has it lets go of it, and who waits reads again. */
const wakeAll = (client: DatabaseClient, id: string) =>
  client.$executeRaw`select pg_notify(${channels.trainerWork}, ${id}), pg_notify(${channels.trainer}, ${id})`

const shown = Prisma.sql`id, status, version::float8 as version, "lastSeq", parameters, "datasetId", given, (config->'training'->>'seed')::float8 as seed, engine, error,
  "idleSeconds", metadata, "createdAt", "usedAt"`
/** What an entry of the list takes. */
const bytes = Prisma.sql`octet_length(parameters::text) + octet_length(metadata::text) + 500`
