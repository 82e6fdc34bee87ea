/** Clears away, once a minute and a little at a time, what dead processes and deleted jobs leave behind. */
import type { HousekeepingRepository } from './housekeeping.repository.ts'

type Collaborators = { housekeeping: HousekeepingRepository; intervalMs?: number; onError?: (error: unknown) => void }

/** Statements of one kind in one round; the next round goes on. */
const maxStatements = 20
/** As many of those that take old jobs away, a hundred at a time: more than can be posted meanwhile. */
const maxBatchesOfJobs = 200
/** When the first round is, for what was left behind before the start. */
const firstMs = 5000

export const createHousekeepingService = ({ housekeeping, intervalMs = 60_000, onError = () => {} }: Collaborators) => {
  let after = ''
  let afterChunk: Uint8Array = new Uint8Array()
  let afterTenant = ''
  let closed = false
  let running: Promise<void> | undefined

  const repeat = async (clear: () => Promise<{ more: boolean }>, most = maxStatements): Promise<void> => {
    for (let statement = 0; statement < most && !closed; statement += 1) if (!(await clear()).more) return
  }

  const round = async (): Promise<void> => {
    await repeat(housekeeping.keys)
    await repeat(housekeeping.inferenceRequests)
    await repeat(housekeeping.jobs)
    await repeat(housekeeping.oldJobs, maxBatchesOfJobs)
    await repeat(housekeeping.oldSweeps)
    await repeat(housekeeping.oldTrainers)
    afterTenant = (await housekeeping.counts(afterTenant)).last
    await housekeeping.uploads()
    await repeat(housekeeping.expired)
    await repeat(housekeeping.uploadParts)
    await repeat(housekeeping.imports)
    await repeat(housekeeping.deliveries)
    await repeat(housekeeping.predictions)
    await repeat(housekeeping.parts)
    afterChunk = (await housekeeping.chunks(afterChunk)).last
    after = (await housekeeping.datasets(after)).last
  }

  /** One round; who asks while one runs gets that one. */
  const tidy = (): Promise<void> => {
    running ??= round().finally(() => {
      running = undefined
    })
    return running
  }

  const timer = setInterval(() => void tidy().catch(onError), intervalMs)
  timer.unref()
  const first = setTimeout(() => void tidy().catch(onError), Math.min(firstMs, intervalMs))
  first.unref()

  /** Waits for the round that is under way. */
  const close = async (): Promise<void> => {
    closed = true
    clearInterval(timer)
    clearTimeout(first)
    await running?.catch(() => {})
  }

  return { tidy, close }
}

export type HousekeepingService = ReturnType<typeof createHousekeepingService>
