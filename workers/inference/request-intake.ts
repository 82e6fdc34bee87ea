/**
 * How requests come to a worker: a notification names each, the worker takes it if it is free, and none is in two hands. What no
 * notification told of, and what a worker that died had in hand, is found by looking, which `sweep` does.
 */
import { channels, isAddressedTo } from '../../src/contracts/queue.ts'
import type { RequestOwner, RequestRepository, TakenRequest } from '../../src/features/inference/request.repository.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'

export type RequestIntakeOptions = {
  owner: RequestOwner
  requests: Pick<RequestRepository, 'take' | 'takeMissed' | 'hold' | 'release'>
  notifications: Pick<Notifications, 'on'>
  /** Answers a request and writes it; `signal` aborts when the worker closes. */
  handle: (request: TakenRequest, signal: AbortSignal) => Promise<void>
  /** Requests in hand at a time. */
  atOnce: number
  onError: (error: unknown) => void
}

/** Requests that are remembered while hands are full; further ones are found by `sweep`. */
const maxOffered = 10_000

/** Listens from the first call on. `close` leaves what is in hand to others. */
export const createRequestIntake = ({ owner, requests, notifications, handle, atOnce, onError }: RequestIntakeOptions) => {
  const closing = new AbortController()
  const offered = new Set<string>()
  const inHand = new Map<string, Promise<void>>()
  let taking: Promise<void> | undefined

  /** Takes requests as long as there are some and hands are free: many that come together with one statement. */
  const takeOffered = async (): Promise<void> => {
    while (!closing.signal.aborted && offered.size > 0 && inHand.size < atOnce) {
      const ids = [...offered].slice(0, atOnce - inHand.size)
      for (const id of ids) offered.delete(id)
      for (const request of await requests.take(ids)) begin(request)
    }
  }

  const begin = (request: TakenRequest): void => {
    const handled = handle(request, closing.signal)
      .catch(onError)
      .finally(() => {
        inHand.delete(request.id)
        wake()
      })
    inHand.set(request.id, handled)
  }

  const wake = (): void => {
    if (offered.size === 0 || inHand.size >= atOnce) return
    taking ??= takeOffered()
      .catch(onError)
      .finally(() => {
        taking = undefined
        if (!closing.signal.aborted) wake()
      })
  }

  const stopListening = notifications.on(channels.request, (id, address) => {
    // Without a name the connection was away.
    if (id === null) return void sweep().catch(onError)
    if (!isAddressedTo(address, owner.queue, owner.worker) || offered.size >= maxOffered) return
    offered.add(id)
    wake()
  })

  /** Takes what nobody was told of, and says of what is in hand that it still is. */
  const sweep = async (): Promise<void> => {
    if (closing.signal.aborted) return
    if (inHand.size > 0) await requests.hold([...inHand.keys()])
    const free = atOnce - inHand.size
    if (free > 0) for (const request of await requests.takeMissed(free)) begin(request)
  }

  const close = async (): Promise<void> => {
    closing.abort()
    stopListening()
    await taking
    const left = [...inHand.keys()]
    await Promise.allSettled(inHand.values())
    if (left.length > 0) await requests.release(left).catch(onError)
  }

  return { sweep, close }
}

export type RequestIntake = ReturnType<typeof createRequestIntake>
