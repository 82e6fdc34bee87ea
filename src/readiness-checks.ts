/** What must hold before the API takes requests. */
import type { ReadinessChecks } from './http/routes/health.routes.ts'
import { readMigrations } from './platform/db/migrate.ts'
import type { Infrastructure } from './platform/infrastructure.ts'
import { withTimeout } from './platform/with-timeout.ts'

/** A check that takes longer than `timeoutMs` does not hold: a load balancer doesn't wait for a database that hangs. */
export const readinessChecks = ({ database: { prisma }, wakeUps }: Pick<Infrastructure, 'database' | 'wakeUps'>, timeoutMs: number) => {
  const wanted = readMigrations().map(({ name }) => name)
  const checks: ReadinessChecks = {
    database: async () => (await prisma.$queryRaw<unknown[]>`select 1`).length === 1,
    migrations: async () => {
      const [row] = await prisma.$queryRaw<{ applied: number }[]>`
        select count(*)::int as applied from "_prisma_migrations"
        where finished_at is not null and rolled_back_at is null and migration_name = any(${wanted})`
      return row?.applied === wanted.length
    },
    queue: async () => wakeUps.isReachable(),
  }
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, () => withTimeout(timeoutMs, check())]))
}
