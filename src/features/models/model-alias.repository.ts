/** Names of models in PostgreSQL (the table `Model`). */
import type { JobConfig } from '../../api/job-config.schema.ts'
import { staysForGood } from '../../contracts/kept-weights.ts'
import { terminalStatuses } from '../../contracts/lifecycle.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'

export type ModelAlias = { name: string; jobId: string; epoch: number | null; tag: string; createdAt: Date; updatedAt: Date }

/** Which tags a model must have: `any` that it is there, `none` that it is not; undefined if it does not matter. */
export type Expected = { tags: readonly string[] | 'any' } | 'none' | undefined

/** What is there of a job: whether it can still change its weights, and whether those of an epoch are kept, or in its checkpoint. */
export type TargetState = { epoch: number; isFinal: boolean; staysForGood: boolean; isKept: boolean; isSaved: boolean }

const columns = Prisma.sql`name, "jobId", epoch, tag::text, "createdAt", "updatedAt"`

export const createModelAliasRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  const find = async (tenant: string, name: string): Promise<ModelAlias | null> =>
    (await prisma.$queryRaw<ModelAlias[]>`select ${columns} from "Model" where tenant = ${tenant} and name = ${name}`)[0] ?? null

  const list = (tenant: string, limit: number): Promise<ModelAlias[]> =>
    prisma.$queryRaw<ModelAlias[]>`select ${columns} from "Model" where tenant = ${tenant} order by name limit ${limit}`

  const count = async (tenant: string): Promise<number> => prisma.modelAlias.count({ where: { tenant } })

  /** Null if the tenant has no such job. */
  const findTarget = async (tenant: string, jobId: string, epoch: number | undefined): Promise<TargetState | null> => {
    const [row] = await prisma.$queryRaw<(Omit<TargetState, 'staysForGood'> & { record: JobConfig['record'] })[]>`
      select epoch, status = any(${terminalStatuses}) as "isFinal", config->'record' as record,
        exists (select from "Tensor" where "jobId" = job.id and kind = 'weight' and epoch = ${epoch ?? 0}::int) as "isKept",
        exists (select from "Checkpoint" where "jobId" = job.id and epoch = ${epoch ?? 0}::int and step = 0) as "isSaved"
      from "Job" job where id = ${jobId} and tenant = ${tenant}`
    return row ? { ...row, staysForGood: epoch !== undefined && staysForGood(row, epoch) } : null
  }

  /** Gives a name to what a job learned. Null if the job is gone, or the model is not what was expected. */
  const put = async (
    tenant: string,
    name: string,
    { jobId, epoch }: { jobId: string; epoch?: number | undefined },
    expected: Expected,
  ): Promise<(ModelAlias & { isNew: boolean }) | null> => {
    // Who deletes the job either comes first or finds the model.
    const job = Prisma.sql`select id from "Job" where id = ${jobId} and tenant = ${tenant} for share`
    const change = Prisma.sql`"jobId" = job.id, epoch = ${epoch ?? null}::int, tag = gen_random_uuid(), "updatedAt" = now()`
    const statement =
      expected !== undefined && expected !== 'none'
        ? Prisma.sql`
            with job as (${job})
            update "Model" set ${change} from job where tenant = ${tenant} and name = ${name} and ${isExpected(expected)}
            returning ${columns}, false as "isNew"`
        : Prisma.sql`
            with job as (${job})
            insert into "Model" as model (tenant, name, "jobId", epoch) select ${tenant}, ${name}, id, ${epoch ?? null}::int from job
            on conflict (tenant, name) do ${
              expected === 'none'
                ? Prisma.sql`nothing`
                : Prisma.sql`update set "jobId" = excluded."jobId", epoch = excluded.epoch, tag = excluded.tag, "updatedAt" = now()`
            }
            returning ${columns}, xmax = 0 as "isNew"`
    return (await prisma.$queryRaw<(ModelAlias & { isNew: boolean })[]>(statement))[0] ?? null
  }

  /** False if there is none that was expected. */
  const remove = async (tenant: string, name: string, expected: Expected): Promise<boolean> => {
    const condition = expected === undefined || expected === 'none' ? Prisma.sql`true` : isExpected(expected)
    return (await prisma.$executeRaw`delete from "Model" where tenant = ${tenant} and name = ${name} and ${condition}`) > 0
  }

  return { find, list, count, findTarget, put, remove }
}

export type ModelAliasRepository = ReturnType<typeof createModelAliasRepository>

const isExpected = ({ tags }: { tags: readonly string[] | 'any' }): Prisma.Sql =>
  tags === 'any' ? Prisma.sql`true` : Prisma.sql`tag::text = any(${tags})`
