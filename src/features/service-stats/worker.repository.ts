/** The workers that live: what they say of themselves, and what the API goes by. */
import type { Database } from '../../platform/db/database-client.ts'
import { workerGoneSeconds } from './worker-gone.ts'

export type WorkerReport = { memoryBytes: number; gpu: boolean; trainers: boolean }

export const createWorkerRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Says that a worker lives, how many bytes a job may have there, on what it is trained, and whether trainers are open there; forgets those that are gone. */
  const report = async (id: string, { memoryBytes, gpu, trainers }: WorkerReport): Promise<void> => {
    await prisma.$executeRaw`
      with gone as (delete from "Worker" where "seenAt" < now() - ${2 * workerGoneSeconds} * interval '1 second' and id <> ${id}::uuid)
      insert into "Worker" (id, "memoryBytes", gpu, trainers) values (${id}::uuid, ${memoryBytes}::bigint, ${gpu}, ${trainers})
      on conflict (id) do update set "memoryBytes" = excluded."memoryBytes", gpu = excluded.gpu, trainers = excluded.trainers, "seenAt" = now()`
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

  /** Whether a trainer finds a worker that opens it; true as well while no worker is known, since one may come. */
  const haveTrainers = async (): Promise<boolean> => {
    const [row] = await prisma.$queryRaw<{ have: boolean | null }[]>`
      select bool_or(trainers) as have from "Worker" where "seenAt" > now() - ${workerGoneSeconds} * interval '1 second'`
    return row?.have ?? true
  }

  return { report, leave, largestMemory, haveTrainers }
}

export type WorkerRepository = ReturnType<typeof createWorkerRepository>
