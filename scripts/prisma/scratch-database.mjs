import { tsImport } from 'tsx/esm/api'

/** Runs `work` on a throwaway database to which all migrations have been applied, BullMQ's own schema left out. */
export const withMigratedDatabase = async (work) => {
  const { createTestDatabase } = await load('../../tests/support/postgres.ts')
  const { migrate } = await load('../../src/platform/db/migrate.ts')
  const database = await createTestDatabase({ empty: true })
  try {
    await migrate(database.url)
    return await work(database.url)
  } finally {
    await database.close()
  }
}

const load = (path) => tsImport(path, import.meta.url)
