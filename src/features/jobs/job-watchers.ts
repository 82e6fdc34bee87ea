/**
 * Everybody who waits for a job at this process, by long polls and event streams, and what they share: one place on the list of
 * notifications, and one read of the row, or of a page of events, for each change.
 */
import type { EventResource } from '../../api/event.schema.ts'
import { channels, jobSteps } from '../../contracts/queue.ts'
import { createWakeUp, type NextWakeUp } from '../../contracts/wake-up.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import { createTurns } from '../turns.ts'
import type { JobRepository } from './job.repository.ts'
import type { WatchedJob } from './job.ts'
import type { ResultsRepository } from './results.repository.ts'
import { createSharedReads } from './shared-reads.ts'

export type JobWatchersOptions = {
  jobs: Pick<JobRepository, 'findWatched'>
  results: Pick<ResultsRepository, 'events'>
  notifications: Pick<Notifications, 'follow'>
  /** Told of each who joins; what it gives is called when they leave. */
  onJoin?: () => () => void
}

/** One of those who wait. It joined before its first read: no change falls in between. */
export type JobWatcher = {
  /** The job as it was at the last change, or later; null if the tenant has no such job. */
  job: (tenant: string) => Promise<WatchedJob | null>
  /** Events after a number, at most `eventPage` of them, as of the last change or later. All who are equally far get the same list. */
  events: (after: number) => Promise<EventResource[]>
  /** Waits for a change; one since the last call counts. */
  next: NextWakeUp
  /** Resolves when it is this one's turn to write: a thousand at once would hold up everybody else. */
  turn: () => Promise<void>
  leave: () => void
}

/** Events read from the database at a time. */
export const eventPage = 500

/** Where more than so many wait, progress alone wakes those of a job at most once in so many milliseconds. */
const crowd = 50
const progressMs = 500
/** How long a read is good for those who come without a change: they join, or have waited for long enough. */
const freshMs = 250
/** Pages of events that are kept for others, a job: streams that are as far as most find theirs. */
const keptPages = 4
/** Answers of one turn of the event loop: about 5 ms of work. */
const answersPerTurn = 50

type Member = { endOnly: boolean; wake: () => void }

export const createJobWatchers = ({ jobs, results, notifications, onJoin = () => () => {} }: JobWatchersOptions) => {
  const groups = new Map<string, Group>()
  const turn = createTurns(answersPerTurn)
  let count = 0

  const open = (id: string): Group => {
    const read = (tenant: string) => jobs.findWatched(tenant, id)
    const readEvents = (after: number) => results.events(id, { after, limit: eventPage })
    const group = createGroup(read, readEvents)
    const unfollow = notifications.follow(channels.job, id, (step) => {
      if (step === jobSteps.progress) group.goOn(count > crowd)
      else group.wake(step === undefined)
    })
    const close = (): void => {
      unfollow()
      group.close()
    }
    const opened = { ...group, close }
    groups.set(id, opened)
    return opened
  }

  /** Joins those who wait for a job; `endOnly`: progress is none of its business. Leave when done. */
  const join = (id: string, { endOnly = false } = {}): JobWatcher => {
    const group = groups.get(id) ?? open(id)
    const onLeave = onJoin()
    const { wake, next } = createWakeUp()
    const member: Member = { endOnly, wake }
    group.members.add(member)
    count += 1

    const leave = (): void => {
      if (!group.members.delete(member)) return
      count -= 1
      onLeave()
      if (group.members.size > 0) return
      group.close()
      groups.delete(id)
    }
    return { job: group.job, events: group.events, next, turn, leave }
  }

  return { join }
}

export type JobWatchers = ReturnType<typeof createJobWatchers>

type Group = ReturnType<typeof createGroup>

/** Those who wait for one job. */
const createGroup = (findJob: (tenant: string) => Promise<WatchedJob | null>, findEvents: (after: number) => Promise<EventResource[]>) => {
  const members = new Set<Member>()
  const job = createSharedReads(findJob, { freshMs, max: 2 })
  const events = createSharedReads(findEvents, { freshMs, max: keptPages })
  let wokenAt = Number.NEGATIVE_INFINITY
  let later: NodeJS.Timeout | undefined

  /** `mayEnd`: what happened may be the end of the job, which all wait for. */
  const wake = (mayEnd = true): void => {
    clearTimeout(later)
    later = undefined
    wokenAt = performance.now()
    job.forget()
    events.forget()
    for (const member of members) if (mayEnd || !member.endOnly) member.wake()
  }

  /** Progress, and nothing else: what comes of it may wait where many do. */
  const goOn = (isCrowded: boolean): void => {
    const left = isCrowded ? wokenAt + progressMs - performance.now() : 0
    if (left <= 0) wake(false)
    else later ??= setTimeout(() => wake(false), left)
  }

  return { members, job: job.get, events: events.get, wake, goOn, close: () => clearTimeout(later) }
}
