/** What a job left behind, taken away piece by piece: a statement that deletes a million rows is given up before its end. */
import { Prisma } from '../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../platform/db/database.ts'

/** Small rows that one statement deletes, by table. */
const rowsAtOnce = { Epoch: 20_000, Event: 20_000 }
/** Tensors and pieces of values that one statement deletes: so many, and no more than so many bytes unless one alone has more. */
const tensorsAtOnce = 500
const bytesAtOnce = 16 * 2 ** 20

/** Deletes the epochs, events and tensors of a job, within a transaction of the caller's. */
export const removeRemains = async (client: DatabaseClient, jobId: string): Promise<void> => {
  for (const [name, limit] of Object.entries(rowsAtOnce)) {
    const table = Prisma.raw(`"${name}"`)
    let removed = limit
    while (removed === limit)
      removed = await client.$executeRaw`
        delete from ${table} where ctid = any(array(select ctid from ${table} where "jobId" = ${jobId} limit ${limit}::int))`
  }
  await removeLarge(client, Prisma.sql`"Tensor"`, Prisma.sql`values`, Prisma.sql`"jobId" = ${jobId}`)
  await removeLarge(
    client,
    Prisma.sql`"BlobPiece"`,
    Prisma.sql`bytes`,
    Prisma.sql`"blobId" in (select id from "Blob" where "jobId" = ${jobId})`,
  )
}

/** Deletes rows whose `bytes` may be many: a server is silent while it deletes them, and silence is bounded. */
const removeLarge = async (client: DatabaseClient, table: Prisma.Sql, bytes: Prisma.Sql, which: Prisma.Sql): Promise<void> => {
  let removed = 1
  while (removed > 0)
    // What lies outside of the row tells its size without being read.
    removed = await client.$executeRaw`
      delete from ${table} where ctid = any(array(
        select ctid from (
          select ctid, coalesce(sum(octet_length(${bytes})) over (order by ctid rows between unbounded preceding and 1 preceding), 0) as before
          from (select ctid, ${bytes} from ${table} where ${which} limit ${tensorsAtOnce}::int) as piece
        ) as sized where before < ${bytesAtOnce}::bigint))`
}
