/** A job as it is shown: its config is passed on as the text that it is stored as, since a million weights take long to be read and written again. */
import { JsonText } from '../../../api/write-json.ts'
import { type Job as JobRow, Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** A job's row whose config is text. */
export type ShownRow = Omit<JobRow, 'config'> & { config: JsonText }

/** What `shownColumns` give. */
export type ShownColumns = Omit<ShownRow, 'config'> & { config: string }

/** The columns of "Job" that are shown. */
export const shownColumns = Prisma.sql`config::text as config, ${columnsButConfig()}`

/** The row; null if the tenant has no such job. */
export const findShownJob = async (client: DatabaseClient, tenant: string, id: string): Promise<ShownRow | null> => {
  const [row] = await client.$queryRaw<ShownColumns[]>`select ${shownColumns} from "Job" where id = ${id} and tenant = ${tenant}`
  return row ? toShownRow(row) : null
}

/** Bytes up to which a config is read with the row, as it is stored: which of a larger one says little, and takes long. */
const smallConfig = 8192

/** The same for who looks whether anything changed: the config is null if it is large. */
export const findWatchedJob = async (
  client: DatabaseClient,
  tenant: string,
  id: string,
): Promise<(Omit<ShownRow, 'config'> & { config: JsonText | null }) | null> => {
  const [row] = await client.$queryRaw<(Omit<ShownColumns, 'config'> & { config: string | null })[]>`
    select case when pg_column_size(config) <= ${smallConfig}::int then config::text end as config, ${columnsButConfig()}
    from "Job" where id = ${id} and tenant = ${tenant}`
  return row ? { ...row, config: row.config === null ? null : new JsonText(row.config) } : null
}

export const toShownRow = (row: ShownColumns): ShownRow => ({ ...row, config: new JsonText(row.config) })

function columnsButConfig(): Prisma.Sql {
  return Prisma.sql`
    id, tenant, status, "datasetId", metadata, engine, epoch, epochs, fraction,
    "latestLoss", result, "errorCode", "errorMessage", seconds, revision, "restartCount", restarts, "createdAt", "queuedAt", "startedAt", "finishedAt"`
}
