/** Who holds a job, as every statement of a worker asks it. */
import { heldStatuses, runnableStatus } from '../../../contracts/lifecycle.ts'
import { Prisma } from '../../../generated/prisma/client.ts'
import { leaseSeconds } from '../lease.ts'

/** A claim, as far as a write has to name it. */
export type Holder = { jobId: string; token: string }

/** A condition on a column with a job's status: some worker holds the job. As text for statements past Prisma. */
export const heldText = (column: string): string => `${column} in (${heldStatuses.map((status) => `'${status}'`).join(', ')})`
export const isHeld = Prisma.raw(heldText('status'))

/** The status of a job in the queue, as text of the statement: a plan that is made once for all values could not use the indexes of it. */
export const queuedStatus = Prisma.raw(`'${runnableStatus}'`)

/** A condition on "Job": this claim holds it. */
export const isHeldBy = ({ jobId, token }: Holder): Prisma.Sql => Prisma.sql`id = ${jobId} and "leaseToken" = ${token}::uuid and ${isHeld}`

/** When a lease ends that begins now, by the database's clock. */
export const leaseEnd = Prisma.sql`clock_timestamp() + ${leaseSeconds} * interval '1 second'`
