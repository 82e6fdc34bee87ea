/** The workers that live: what they say of themselves, and what the API goes by. */
import type { Database } from '../../platform/db/database-client.ts'

/** After so long without a word a worker counts as gone, in seconds. */
const goneAfterSeconds = 30

export const createWorkerRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Says that a worker lives and how many bytes a job may have there; forgets those that are gone. */
  const report = async (id: string, memoryBytes: number): Promise<void> => {
    await prisma.$executeRaw`
      with gone as (delete from "Worker" where "seenAt" < now() - ${2 * goneAfterSeconds} * interval '1 second' and id <> ${id}::uuid)
      insert into "Worker" (id, "memoryBytes") values (${id}::uuid, ${memoryBytes}::bigint)
      on conflict (id) do update set "memoryBytes" = excluded."memoryBytes", "seenAt" = now()`
  }

  const leave = async (id: string): Promise<void> => {
    await prisma.worker.deleteMany({ where: { id } })
  }

  /** Most bytes that a job may have anywhere; null while no worker is known. */
  const largestMemory = async (): Promise<number | null> => {
    const [row] = await prisma.$queryRaw<{ bytes: number | null }[]>`
      select max("memoryBytes")::float8 as bytes from "Worker" where "seenAt" > now() - ${goneAfterSeconds} * interval '1 second'`
    return row?.bytes ?? null
  }

  return { report, leave, largestMemory }
}

export type WorkerRepository = ReturnType<typeof createWorkerRepository>
