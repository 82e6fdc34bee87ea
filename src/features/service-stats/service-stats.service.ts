/** Reads the state of the whole service, at most once a second and once at a time, however many ask. */
import type { ServiceStats, ServiceStatsRepository } from './service-stats.repository.ts'

type Collaborators = { serviceStats: ServiceStatsRepository; freshMs?: number; now?: () => number }

export const createServiceStatsService = ({ serviceStats, freshMs = 1000, now = () => performance.now() }: Collaborators) => {
  let latest: { at: number; seen: Promise<ServiceStats> } | undefined
  let counting = false

  const countAgain = (): Promise<ServiceStats> => {
    counting = true
    return serviceStats.count().finally(() => {
      counting = false
    })
  }

  /** What the rows say now, or said less than a second ago. Rejects if the database cannot be asked. */
  const read = (): Promise<ServiceStats> => {
    // A database that hangs is not asked again and again, a connection each time.
    if (!latest || (!counting && now() - latest.at >= freshMs)) latest = { at: now(), seen: countAgain() }
    return latest.seen
  }

  return { read }
}
