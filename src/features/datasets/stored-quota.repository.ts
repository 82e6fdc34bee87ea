import { Problem } from '../../contracts/error-codes.ts'
import type { DatabaseClient } from '../../platform/db/database-client.ts'

const mib = 2 ** 20

/**
 * Sees that a tenant's datasets and predictions come to so many bytes at most with a new one, whose row is stored in the same transaction: others of
 * the same tenant wait until then.
 * @throws Problem QUOTA_EXCEEDED
 */
export const requireRoom = async (
  client: DatabaseClient,
  { tenant, storedBytes, what = 'dataset' }: { tenant: string; storedBytes: number; what?: 'dataset' | 'prediction' },
  maxStoredBytes: number | undefined,
): Promise<void> => {
  if (maxStoredBytes === undefined || storedBytes === 0) return
  await client.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`stored bytes of ${tenant}`}, 0))`
  const [row] = await client.$queryRaw<{ bytes: number }[]>`
    select (select coalesce(sum("storedBytes"), 0) from "Dataset" where tenant = ${tenant} and "storedBytes" > 0)::float8
      + (select coalesce(sum("storedBytes"), 0) from "Prediction" where tenant = ${tenant})::float8 as bytes`
  const bytes = row?.bytes ?? 0
  if (bytes + storedBytes <= maxStoredBytes) return
  const say = (amount: number): string => (amount / mib).toFixed(1)
  const message = `takes ${say(storedBytes)} MiB; ${say(bytes)} of ${say(maxStoredBytes)} MiB are taken: delete datasets or predictions that are no longer needed`
  throw new Problem('QUOTA_EXCEEDED', `The ${what} ${message}`, [
    { path: what === 'dataset' ? '/body' : '/dataset', code: 'quota_exceeded', message },
  ])
}
