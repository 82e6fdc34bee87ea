/** Requests that the engine answers at once: a worker's inference child answers them, however long its training takes. */

import { Problem } from '../../contracts/error-codes.ts'
import { type InferenceAnswer, type InferenceKind, type InferenceTypes, inferenceTimeoutMs } from '../../contracts/inference.ts'
import { channels } from '../../contracts/queue.ts'
import type { Notifications, Watch } from '../../platform/db/notifications.ts'
import { createBoundedCache } from '../bounded-cache.ts'
import type { NewId } from '../ids.ts'
import type { InferenceRepository, TrainedJobOf } from './inference.repository.ts'

type Collaborators = {
  requests: InferenceRepository
  notifications: Pick<Notifications, 'watch'>
  newId: NewId
  timeoutMs?: number
}

type Asked = {
  /** The job that the request is about. */
  job?: TrainedJobOf
  /** Requests of the same name go to the same worker, which has kept what they need. */
  sameWorkerFor?: string
  signal?: AbortSignal
}

/** Names of which it is remembered which worker answered last. */
const maxNames = 10_000

export const createInferenceService = ({ requests, notifications, newId, timeoutMs = inferenceTimeoutMs }: Collaborators) => {
  const workers = createBoundedCache<string>({ maxSize: maxNames })

  /**
   * Asks a worker and waits for its answer. The request is cleared away in any case.
   * @throws Problem ENGINE_TIMEOUT if none answers in time; NOT_FOUND if its job is gone; the worker's own problem if it refuses
   */
  const ask = async <Kind extends InferenceKind>(
    kind: Kind,
    request: InferenceTypes[Kind]['request'],
    { job, sameWorkerFor: name, signal }: Asked = {},
  ): Promise<InferenceTypes[Kind]['response']> => {
    const id = newId('call')
    const watch = notifications.watch(channels.inference, id)
    let isThere = true
    try {
      const worker = name === undefined ? undefined : workers.get(name)
      isThere = await requests.insert({ id, kind, request, worker, job })
      if (!isThere) throw new Problem('NOT_FOUND', `There is no job ${job?.jobId}`)
      const answered = await waitForAnswer<Kind>(id, watch, worker !== undefined, signal)
      isThere = false
      if (name !== undefined && answered.worker) workers.set(name, answered.worker)
      return unwrap(answered.response)
    } finally {
      watch.close()
      // Nobody waits for it; a row that stays is swept later.
      if (isThere) requests.remove(id).catch(() => {})
    }
  }

  const waitForAnswer = async <Kind extends InferenceKind>(id: string, watch: Watch, isAddressed: boolean, signal?: AbortSignal) => {
    const deadline = Date.now() + timeoutMs
    let answer = isAddressed ? await answerOfAddressee<Kind>(id, watch, signal) : null
    for (let checkAt = Date.now() + checkMs; !answer; ) {
      const left = deadline - Date.now()
      if (left <= 0 || signal?.aborted) throw new Problem('ENGINE_TIMEOUT', `No worker answered within ${timeoutMs / 1000} seconds`)
      await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
      answer = await requests.takeAnswer<Kind>(id)
      if (answer || Date.now() < checkAt) continue
      // The worker may have no connection though we have one: if the server takes no more, it can't get one either.
      await requests.checkConnects()
      checkAt = Date.now() + checkMs
    }
    return answer
  }

  /** Null if that worker does not answer soon: then any may. */
  const answerOfAddressee = async <Kind extends InferenceKind>(id: string, watch: Watch, signal?: AbortSignal) => {
    await watch.next({ timeoutMs: Math.min(addresseeMs, timeoutMs), signal })
    const answer = await requests.takeAnswer<Kind>(id)
    if (!answer) await requests.offer(id)
    return answer
  }

  return { ask }
}

export type InferenceService = ReturnType<typeof createInferenceService>

/** How long one worker has a request to itself, before any other may take it. */
const addresseeMs = 100

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed soon. */
const rereadMs = 500

/** A request that waits so long for its answer asks whether the database takes connections at all, and again after as long. */
const checkMs = 1000

const unwrap = <Kind extends InferenceKind>(answer: InferenceAnswer<Kind>): InferenceTypes[Kind]['response'] => {
  if (answer.ok) return answer.value
  const { code, detail, errors } = answer.problem
  throw new Problem(code, detail, errors)
}
