/** A job as it is shown: its config is passed on as the text that it is stored as, since a million weights take long to be read and written again. */
import { JsonText } from '../../../api/write-json.ts'
import { type Job as JobRow, Prisma } from '../../../generated/prisma/client.ts'
import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** A job's row whose config is text. */
export type ShownRow = Omit<JobRow, 'config'> & { config: JsonText }

/** What `shownColumns` give. */
export type ShownColumns = Omit<ShownRow, 'config'> & { config: string }

/** The columns of "Job" that are shown. */
export const shownColumns = Prisma.sql`
  id, tenant, status, config::text as config, "datasetId", metadata, engine, epoch, epochs, fraction,
  "latestLoss", result, "errorCode", "errorMessage", seconds, revision, "createdAt", "queuedAt", "startedAt", "finishedAt"`

export const toShownRow = (row: ShownColumns): ShownRow => ({ ...row, config: new JsonText(row.config) })

/** The row; null if the tenant has no such job. */
export const findShownJob = async (client: DatabaseClient, tenant: string, id: string): Promise<ShownRow | null> => {
  const [row] = await client.$queryRaw<ShownColumns[]>`select ${shownColumns} from "Job" where id = ${id} and tenant = ${tenant}`
  return row ? toShownRow(row) : null
}
