/** What a job left behind, taken away piece by piece: a statement that deletes a million rows is given up before its end. */
import { Prisma } from '../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../platform/db/database.ts'

/** Rows that one statement deletes, by table. */
const rowsAtOnce = { Epoch: 20_000, Event: 20_000, Tensor: 500 }

/** Deletes the epochs, events and tensors of a job, within a transaction of the caller's. */
export const removeRemains = async (client: DatabaseClient, jobId: string): Promise<void> => {
  for (const [name, limit] of Object.entries(rowsAtOnce)) {
    const table = Prisma.raw(`"${name}"`)
    let removed = limit
    while (removed === limit)
      removed = await client.$executeRaw`
        delete from ${table} where ctid = any(array(select ctid from ${table} where "jobId" = ${jobId} limit ${limit}::int))`
  }
}
