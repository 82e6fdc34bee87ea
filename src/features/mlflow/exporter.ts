/**
 * Keeps an MLflow server told of all jobs, by one process at a time: reads the events of all jobs from a cursor in the database, notes which
 * jobs they are of, and brings their runs up to date. While the server is away everything waits in the database, and no job waits for it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isOfPrediction } from '../../contracts/event-types.ts'
import type { MlflowError } from '../../platform/mlflow/mlflow-client.ts'
import type { OutboxRepository } from '../events/outbox.repository.ts'
import type { MlflowRepository, RunRow } from './mlflow.repository.ts'
import type { RunWriter } from './run-writer.ts'

type Collaborators = {
  stored: MlflowRepository
  outbox: OutboxRepository
  write: RunWriter
  onError: (error: unknown) => void
}

const eventsAtOnce = 500
const jobsAtOnce = 8
/** Between two looks; of a process that leaves it to another; and of who was failed, longer each time. */
const lookMs = 1000
const idleMs = 5000
const longestPauseMs = 60_000
/** How often it says that it goes on. */
const beatMs = 5000
/** Seconds until a job is tried again whose data the server refused; after the last it is given up. */
const retrySeconds = [5, 30, 120, 600, 1800, 7200, 18_000] as const
/** And whose data made the server fail, which may pass. */
const longestRetry = 300

export const createMlflowExporter = ({ stored, outbox, write, onError }: Collaborators) => {
  const closing = new AbortController()
  let isBehind = false

  /** Notes the jobs of the next events. */
  const collect = async (): Promise<boolean> => {
    const page = await outbox.read(await stored.readCursor(), { limit: eventsAtOnce, push: isBehind })
    isBehind = page.isBehind
    // A prediction changes nothing of a run.
    const jobs = new Map(page.events.filter(({ type }) => !isOfPrediction(type)).map(({ jobId, tenant }) => [jobId, { jobId, tenant }]))
    await stored.note(page.next, [...jobs.values()])
    return page.hasMore
  }

  const update = async (row: RunRow, signal: AbortSignal): Promise<void> => {
    try {
      const written = await write(row, signal)
      if (written) await stored.keep(row.jobId, written)
      else await stored.drop(row.jobId)
    } catch (error) {
      if (!isMlflowError(error) || isAway(error)) throw error
      onError(error)
      const isItsFault = (error.status ?? 0) >= 500
      const seconds = isItsFault ? Math.min(5 * 2 ** Math.min(row.attempts, 10), longestRetry) : retrySeconds[row.attempts]
      if (seconds === undefined) await stored.drop(row.jobId)
      else await stored.postpone(row.jobId, seconds)
    }
  }

  /** Gives the milliseconds until the next look. */
  const look = async (): Promise<number> => {
    if (!(await hold())) return idleMs
    const lost = new AbortController()
    const beat = setInterval(() => {
      hold().then((isHeld) => isHeld || lost.abort(), onError)
    }, beatMs)
    try {
      const hasMore = await collect()
      const due = await stored.due(jobsAtOnce)
      const signal = AbortSignal.any([closing.signal, lost.signal])
      const updates = await Promise.allSettled(due.map((row) => update(row, signal)))
      for (const one of updates) if (one.status === 'rejected') throw one.reason
      return hasMore || due.length === jobsAtOnce ? 0 : lookMs
    } finally {
      clearInterval(beat)
    }
  }

  /** What happened before anybody asked for it is not told. */
  const hold = async (): Promise<boolean> => stored.hold((await outbox.horizon()).horizon)

  const run = async (): Promise<void> => {
    let failures = 0
    while (!closing.signal.aborted) {
      let waitMs = lookMs
      try {
        waitMs = await look()
        failures = 0
      } catch (error) {
        if (closing.signal.aborted) break
        onError(error)
        waitMs = Math.min(lookMs * 2 ** failures, longestPauseMs) * (0.75 + Math.random() / 4)
        failures = Math.min(failures + 1, 10)
      }
      await sleep(waitMs, undefined, { signal: closing.signal, ref: false }).catch(() => {})
    }
  }
  const running = run()

  /** Leaves it to another process. */
  const close = async (): Promise<void> => {
    closing.abort()
    await running
    await stored.letGo().catch(onError)
  }

  return { close }
}

/** By its name: no class of an adapter is known here. */
const isMlflowError = (error: unknown): error is MlflowError => error instanceof Error && error.name === 'MlflowError'

/** Nothing can be told now, of no job: it does not answer, is overloaded, or knows its caller no more. */
const isAway = ({ status, code }: MlflowError): boolean =>
  status === null || [401, 403, 408, 429, 502, 503, 504].includes(status) || (status === 404 && code === null)
