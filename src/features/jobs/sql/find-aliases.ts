import type { DatabaseClient } from '../../../platform/db/database-client.ts'

/** Names that are told of at most. */
const maxNames = 20

/** Names of models that stand for these jobs, in order, so many of them. */
export const findAliases = async (client: DatabaseClient, jobIds: readonly string[]): Promise<string[]> => {
  const rows = await client.$queryRaw<{ name: string }[]>`
    select name from "Model" where "jobId" = any(${jobIds}) order by name limit ${maxNames}`
  return rows.map(({ name }) => name)
}
