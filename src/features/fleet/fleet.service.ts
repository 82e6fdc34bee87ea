/** Looks at the whole service, at most once a second and once at a time, however many ask. */
import type { Fleet, FleetRepository } from './fleet.repository.ts'

type Collaborators = { fleet: FleetRepository; freshMs?: number; now?: () => number }

export const createFleetService = ({ fleet, freshMs = 1000, now = () => performance.now() }: Collaborators) => {
  let latest: { at: number; seen: Promise<Fleet> } | undefined
  let looking = false

  const lookAgain = (): Promise<Fleet> => {
    looking = true
    return fleet.count().finally(() => {
      looking = false
    })
  }

  /** What the rows say now, or said less than a second ago. Rejects where the database cannot be asked. */
  const look = (): Promise<Fleet> => {
    // A database that hangs is not asked again and again, a connection each time.
    if (!latest || (!looking && now() - latest.at >= freshMs)) latest = { at: now(), seen: lookAgain() }
    return latest.seen
  }

  return { look }
}

export type FleetService = ReturnType<typeof createFleetService>
