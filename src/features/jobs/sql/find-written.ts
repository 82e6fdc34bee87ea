import type { JobStatus } from '../../../contracts/lifecycle.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'
import { type Holder, heldText } from './held.ts'

const keptTheJob = Prisma.raw(heldText('"batchStatus"'))

/** The status after the last batch of a job, if this was it and, if it did not close the job, this claim still holds it. */
export const findWritten = async (client: DatabaseClient, { jobId, token }: Holder, batchId: string): Promise<JobStatus | undefined> => {
  const rows = await client.$queryRaw<{ status: JobStatus }[]>`
    select "batchStatus" as status from "Job"
    where id = ${jobId} and "batchId" = ${batchId}::uuid and (not ${keptTheJob} or "leaseToken" = ${token}::uuid)`
  return rows[0]?.status
}
