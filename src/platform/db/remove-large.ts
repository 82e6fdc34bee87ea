import type { Prisma } from '../../generated/prisma/client.ts'
import type { DatabaseClient } from './database-client.ts'

/** Bytes of large values that one statement deletes, unless a single one has more: a server says nothing meanwhile, and silence is bounded. */
export const bytesAtOnce = 32 * 2 ** 20
/** Rows of large values that one statement deletes. */
const rowsAtOnce = 500

export type LargeRows = {
  table: Prisma.Sql
  /** Bytes of a row as it is stored. */
  size: Prisma.Sql
  which: Prisma.Sql
}

/**
 * Deletes some rows whose values may be large, in one statement; rows that somebody else deletes are left to them. Says how many:
 * 0 if there are no others. Call it outside of a transaction, and again until then.
 */
export const removeLarge = (client: DatabaseClient, { table, size, which }: LargeRows): Promise<number> =>
  // What lies outside of the row tells its size without being read.
  client.$executeRaw`
    delete from ${table} where ctid = any(array(
      select ctid from (
        select ctid, coalesce(sum(size) over (rows between unbounded preceding and 1 preceding), 0) as before
        from (select ctid, ${size} as size from ${table} where ${which} limit ${rowsAtOnce}::int for update skip locked) as found
      ) as sized where before < ${bytesAtOnce}::bigint))`

/** Deletes all such rows, statement by statement. */
export const removeAllLarge = async (client: DatabaseClient, rows: LargeRows): Promise<void> => {
  while ((await removeLarge(client, rows)) > 0);
}
