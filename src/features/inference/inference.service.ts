/** Requests that the engine answers at once: a worker's inference child answers them, however long its training takes. */

import { Problem } from '../../contracts/error-codes.ts'
import { type InferenceAnswer, type InferenceKind, type InferenceTypes, inferenceTimeoutMs } from '../../contracts/inference.ts'
import { channels, queues } from '../../contracts/queue.ts'
import type { Notifications } from '../../platform/db/notifications.ts'
import type { WakeUps } from '../../platform/queue/wake-ups.ts'
import type { NewId } from '../ids.ts'
import type { InferenceRepository } from './inference.repository.ts'

type Collaborators = {
  requests: InferenceRepository
  notifications: Pick<Notifications, 'watch'>
  wakeUps: Pick<WakeUps, 'notify'>
  newId: NewId
  timeoutMs?: number
}

export const createInferenceService = ({ requests, notifications, wakeUps, newId, timeoutMs = inferenceTimeoutMs }: Collaborators) => {
  /**
   * Asks a worker and waits for its answer. The request is cleared away in any case.
   * @throws Problem ENGINE_TIMEOUT if none answers in time; the worker's own problem if it refuses
   */
  const ask = async <Kind extends InferenceKind>(
    kind: Kind,
    request: InferenceTypes[Kind]['request'],
    signal?: AbortSignal,
  ): Promise<InferenceTypes[Kind]['response']> => {
    const id = newId('call')
    const watch = notifications.watch(channels.inference, id)
    try {
      await requests.insert(id, kind, request)
      void wakeUps.notify(queues.inference, id)
      return unwrap(await waitForAnswer<Kind>(id, watch, signal))
    } finally {
      watch.close()
      // Nobody waits for it; a row that stays is swept later.
      requests.remove(id).catch(() => {})
    }
  }

  const waitForAnswer = async <Kind extends InferenceKind>(
    id: string,
    watch: ReturnType<Notifications['watch']>,
    signal?: AbortSignal,
  ): Promise<InferenceAnswer<Kind>> => {
    const deadline = Date.now() + timeoutMs
    let checkAt = Date.now() + checkMs
    for (;;) {
      const left = deadline - Date.now()
      if (left <= 0 || signal?.aborted) throw new Problem('ENGINE_TIMEOUT', `No worker answered within ${timeoutMs / 1000} seconds`)
      await watch.next({ timeoutMs: Math.min(left, rereadMs), signal })
      const answer = await requests.answer<Kind>(id)
      if (answer) return answer
      if (Date.now() < checkAt) continue
      // The worker may have no connection though we have one: if the server takes no more, it can't get one either.
      await requests.checkConnects()
      checkAt = Date.now() + checkMs
    }
  }

  return { ask }
}

export type InferenceService = ReturnType<typeof createInferenceService>

/** A wait reads the row again this often: a wake-up may be missing, and a database that went away is to be noticed soon. */
const rereadMs = 500

/** A request that waits so long for its answer asks whether the database takes connections at all, and again after as long. */
const checkMs = 1000

const unwrap = <Kind extends InferenceKind>(answer: InferenceAnswer<Kind>): InferenceTypes[Kind]['response'] => {
  if (answer.ok) return answer.value
  const { code, detail, errors } = answer.problem
  throw new Problem(code, detail, errors)
}
