import { Problem } from '../../contracts/error-codes.ts'
import type { DatabaseClient } from '../../platform/db/database-client.ts'
import type { NewDataset } from './dataset.ts'

const mib = 2 ** 20

/**
 * Sees that a tenant's datasets come to so many bytes at most with a new one, whose row is stored in the same transaction: others of
 * the same tenant wait until then.
 * @throws Problem QUOTA_EXCEEDED
 */
export const requireRoom = async (
  client: DatabaseClient,
  { tenant, storedBytes }: Pick<NewDataset, 'tenant' | 'storedBytes'>,
  maxStoredBytes: number | undefined,
): Promise<void> => {
  if (maxStoredBytes === undefined || storedBytes === 0) return
  await client.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`stored bytes of ${tenant}`}, 0))`
  const [row] = await client.$queryRaw<{ bytes: number }[]>`
    select coalesce(sum("storedBytes"), 0)::float8 as bytes from "Dataset" where tenant = ${tenant} and "storedBytes" > 0`
  const bytes = row?.bytes ?? 0
  if (bytes + storedBytes <= maxStoredBytes) return
  const say = (amount: number): string => (amount / mib).toFixed(1)
  const message = `takes ${say(storedBytes)} MiB; ${say(bytes)} of ${say(maxStoredBytes)} MiB are taken: delete datasets that are no longer needed`
  throw new Problem('QUOTA_EXCEEDED', `The dataset ${message}`, [{ path: '/body', code: 'quota_exceeded', message }])
}
