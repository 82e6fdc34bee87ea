/** The housekeeping over a database of a test's own, composed as the product composes it. */
import { composeHousekeeping } from '../../src/compose-housekeeping.ts'
import type { Database } from '../../src/platform/db/database-client.ts'

export const openHousekeeping = (database: Database, options: { retentionDays?: number } = {}) =>
  composeHousekeeping({ database, ...options })
