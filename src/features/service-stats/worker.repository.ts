/** The workers that live: what they say of themselves, and what the API goes by. */
import type { Database } from '../../platform/db/database-client.ts'
import { workerGoneSeconds } from './worker-gone.ts'

export const createWorkerRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Says that a worker lives and how many bytes a job may have there, and on what it is trained; forgets those that are gone. */
  const report = async (id: string, { memoryBytes, gpu }: { memoryBytes: number; gpu: boolean }): Promise<void> => {
    await prisma.$executeRaw`
      with gone as (delete from "Worker" where "seenAt" < now() - ${2 * workerGoneSeconds} * interval '1 second' and id <> ${id}::uuid)
      insert into "Worker" (id, "memoryBytes", gpu) values (${id}::uuid, ${memoryBytes}::bigint, ${gpu})
      on conflict (id) do update set "memoryBytes" = excluded."memoryBytes", gpu = excluded.gpu, "seenAt" = now()`
  }

  const leave = async (id: string): Promise<void> => {
    await prisma.worker.deleteMany({ where: { id } })
  }

  /** Most bytes that a job may have anywhere; null while no worker is known. */
  const largestMemory = async (): Promise<number | null> => {
    const [row] = await prisma.$queryRaw<{ bytes: number | null }[]>`
      select max("memoryBytes")::float8 as bytes from "Worker" where "seenAt" > now() - ${workerGoneSeconds} * interval '1 second'`
    return row?.bytes ?? null
  }

  return { report, leave, largestMemory }
}

export type WorkerRepository = ReturnType<typeof createWorkerRepository>
