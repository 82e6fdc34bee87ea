/** Looks at the whole service, at most once a second, however many ask. */
import type { Fleet, FleetRepository } from './fleet.repository.ts'

type Collaborators = { fleet: FleetRepository; freshMs?: number; now?: () => number }

export const createFleetService = ({ fleet, freshMs = 1000, now = () => performance.now() }: Collaborators) => {
  let latest: { at: number; seen: Promise<Fleet> } | undefined

  /** What the rows say now, or said less than a second ago. Rejects where the database cannot be asked. */
  const look = (): Promise<Fleet> => {
    if (!latest || now() - latest.at >= freshMs) latest = { at: now(), seen: fleet.count() }
    return latest.seen
  }

  return { look }
}

export type FleetService = ReturnType<typeof createFleetService>
