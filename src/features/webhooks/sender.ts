/** Sends what waits: whoever hears the wake-up of a webhook sends what is due, until nothing is. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { type Attempt, attemptMs, keptAnswerBytes } from '../../api/delivery.schema.ts'
import { insist } from './insist.ts'
import { pauseSeconds, secondsUntilRetry } from './retry-schedule.ts'
import type { DeliveryClaim, SendingRepository } from './sending.repository.ts'
import { newSecret, signatureHeaders } from './signature.ts'

type Answer = { status: number; headers: IncomingHttpHeaders; body: Readable; isPublic: boolean }

type Collaborators = {
  sending: SendingRepository
  /** Sends one request, by all rules for such requests; the body of the answer is still to come. @throws OutboundError */
  post: (url: string, headers: Record<string, string>, body: string, limits: { timeoutMs: number; signal: AbortSignal }) => Promise<Answer>
  /** Lets another go on with a webhook. */
  notify: (webhookId: string) => Promise<unknown>
}

/** Attempts that one wake-up leads to; the webhook then waits for its next turn. */
const attemptsPerTurn = 50
/** How long the beginning of an answer is waited for once it is known what it says. */
const answerBodyMs = 1000

export const createSender = ({ sending, post, notify }: Collaborators) => {
  /** Sends what is due to a webhook, two at a time as long as its receiver is there. */
  const send = async (webhookId: string, signal: AbortSignal): Promise<void> => {
    let left = attemptsPerTurn
    let other: Promise<void> | undefined
    /** One attempt; gives whether there may be another. What comes later has a wake-up of its own. */
    const step = async (): Promise<boolean> => {
      if (left-- <= 0) return false
      const claimed = await insist(() => sending.claim(webhookId), signal)
      if (!claimed) return false
      if (!claimed.isOnly) sendBeside()
      return insist(await attempt(claimed, signal), signal)
    }
    const lane = async (): Promise<void> => {
      for (let goesOn = true; goesOn && !signal.aborted; ) goesOn = await step()
    }
    const sendBeside = (): void => {
      if (other) return
      other = lane()
      // It is looked at when the first is through.
      other.catch(() => {})
    }
    const first = await Promise.allSettled([lane()])
    for (const one of [...first, ...(await Promise.allSettled([other]))]) if (one.status === 'rejected') throw one.reason
    if (left < 0 && !signal.aborted) await notify(webhookId)
  }

  /** Sends it; gives what keeps what came of that, and says whether anything may wait. */
  const attempt = async (claimed: DeliveryClaim, signal: AbortSignal): Promise<() => Promise<boolean>> => {
    const at = new Date()
    const told = (answer: Partial<Attempt>): Attempt => {
      const seconds = (Date.now() - at.getTime()) / 1000
      return { at: at.toISOString(), seconds, status: null, body: null, error: null, ...answer }
    }
    const headers = await insist(() => headersOf(claimed, at), signal)
    try {
      const { status, body, isPublic } = await post(claimed.url, headers, claimed.body, { timeoutMs: attemptMs, signal })
      const beginning = await readBeginning(body)
      const last = told({ status, body: isPublic ? beginning : null })
      return () => end(claimed, status, last)
    } catch (error) {
      if (signal.aborted) return () => sending.release(claimed).then(() => true)
      if (!isOutboundError(error)) throw error
      const failure = { retrySeconds: secondsUntilRetry(claimed.attempts), pauseSeconds: pauseSeconds(claimed.failures + 1), isGone: false }
      const last = told({ error: error.message })
      return () => sending.fail(claimed, last, failure).then(() => true)
    }
  }

  const headersOf = async ({ id, tenant, body, secrets }: DeliveryClaim, at: Date): Promise<Record<string, string>> => ({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'trainyard-webhooks',
    ...signatureHeaders(id, body, secrets ?? (await sending.tenantSecrets(tenant, newSecret())), at),
  })

  /** What an answer leads to. */
  const end = async (claimed: DeliveryClaim, status: number, last: Attempt): Promise<boolean> => {
    if (status >= 200 && status <= 299) return sending.succeed(claimed, last)
    const isGone = status === 410
    const retrySeconds = isGone ? null : secondsUntilRetry(claimed.attempts)
    await sending.fail(claimed, { ...last, error: complaint(status) }, { retrySeconds, pauseSeconds: null, isGone })
    return true
  }

  return { send }
}

export type Sender = ReturnType<typeof createSender>

/** By its name: no class of an adapter is known here. */
const isOutboundError = (error: unknown): error is Error => error instanceof Error && error.name === 'OutboundError'

const complaint = (status: number): string => {
  if (status === 410) return 'The receiver answered 410: the webhook is disabled'
  if (status >= 300 && status <= 399) return `The receiver answered ${status}: redirects are not followed`
  return `The receiver answered ${status}`
}

/** The first bytes of an answer as text; of one that breaks off or takes too long what came of it. No more is read. */
const readBeginning = async (body: Readable): Promise<string> => {
  const pieces: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => body.destroy(), answerBodyMs)
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes >= keptAnswerBytes) break
    }
  } catch {
    // What came is what is told.
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
  const text = Buffer.concat(pieces).subarray(0, keptAnswerBytes).toString('utf8')
  return text.replaceAll('\0', '\uFFFD')
}
