/** A job as a client sees it who has seen it before, or waits for it: told once for all who wait, and not at all if nothing changed. */
import { JsonText, toJsonAnswer } from '../../api/write-json.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { isTerminal } from '../../contracts/lifecycle.ts'
import type { JobRepository } from './job.repository.ts'
import { type ShownJobResource, toShownResource, type WatchedJob } from './job.ts'
import type { JobWatchers } from './job-watchers.ts'

type Collaborators = {
  jobs: Pick<JobRepository, 'findShown' | 'findWatched' | 'findPlace'>
  watchers: Pick<JobWatchers, 'join'>
}

/** How long to wait, and what ends the wait: any change of status or progress, or only the end. */
export type JobWait = {
  waitSeconds: number
  waitFor?: 'change' | 'end'
  /** Whether the client has the job in this version; unset if it has said nothing of that. */
  isKnown?: (version: string) => boolean
  signal?: AbortSignal
}

/** The job as JSON, once it is asked for, and a version of everything in it. */
export type JobAnswer = { version: string; body: () => Promise<ShownJobResource | JsonText> }

export const createJobWaits = ({ jobs, watchers }: Collaborators) => {
  /**
   * The job. With `waitSeconds` it is told as soon as its status or progress changes, or for the `end` once it is final; at
   * the latest after that time, and at once where it is final already or, for a change, is not what the client knows.
   * @throws Problem NOT_FOUND
   */
  const look = async (tenant: string, id: string, wait: JobWait): Promise<JobAnswer> => {
    if (wait.waitSeconds <= 0) return answerTo(id, await jobs.findWatched(tenant, id))
    const watcher = watchers.join(id, { endOnly: wait.waitFor === 'end' })
    const deadline = Date.now() + 1000 * wait.waitSeconds
    try {
      const first = await watcher.job(tenant)
      if (first && (await isNews(first, wait))) return await answerTo(id, first)
      let job = first
      for (let left = deadline - Date.now(); job && left > 0 && isAwaited(job, first, wait); left = deadline - Date.now()) {
        await watcher.next({ timeoutMs: Math.min(left, rereadMs), signal: wait.signal })
        job = await watcher.job(tenant)
      }
      await watcher.turn()
      return await answerTo(id, job)
    } finally {
      watcher.leave()
    }
  }

  const isAwaited = (job: WatchedJob, first: WatchedJob | null, { waitFor = 'change', signal }: JobWait): boolean =>
    !isTerminal(job.status) && !signal?.aborted && (waitFor === 'end' || job.revision === first?.revision)

  /** Whether the job is not what the client has, which is waiting for a change from that on. */
  const isNews = async (job: WatchedJob, { waitFor = 'change', isKnown }: JobWait): Promise<boolean> =>
    waitFor === 'change' && isKnown !== undefined && !isKnown((await answerOf(job)).version)

  const answerTo = (id: string, job: WatchedJob | null): Promise<JobAnswer> => {
    if (!job) throw new Problem('NOT_FOUND', `There is no job ${id}`)
    return answerOf(job)
  }

  /** Made once of a row, however many are told it. */
  const answerOf = once(async (job: WatchedJob): Promise<JobAnswer> => {
    const place = await jobs.findPlace(job)
    const version = JSON.stringify([job.id, job.revision, place])
    const body = once(async ({ config, ...row }: WatchedJob) => {
      const shown = config === null ? await jobs.findShown(job.tenant, job.id) : { ...row, config, place }
      const resource = toShownResource(shown ?? refuse(job.id))
      const text = toJsonAnswer(resource)
      return typeof text === 'string' ? new JsonText(text) : resource
    })
    return { version, body: () => body(job) }
  })

  return { look }
}

export type JobWaits = ReturnType<typeof createJobWaits>

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed. */
const rereadMs = 5000

const refuse = (id: string): never => {
  throw new Problem('NOT_FOUND', `There is no job ${id}`)
}

/** Makes something of each object once, for as long as the object lasts. */
const once = <Key extends object, Made>(make: (key: Key) => Made): ((key: Key) => Made) => {
  const made = new WeakMap<Key, Made>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = make(key)
    made.set(key, fresh)
    return fresh
  }
}
