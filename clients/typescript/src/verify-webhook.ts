/** For receivers of webhooks: whether a body came from the service, by the rules of Standard Webhooks. */
import { SignatureError } from './errors.ts'
import { joined } from './http/answer.ts'
import type { AllJobsEvent, JobData, Webhook } from './types.ts'

/** A job without its config and most of its result, if the body had become too long. */
type ToldJob = Omit<JobData, 'config'> & { config?: JobData['config'] }
type Told<Event> = Event extends AllJobsEvent
  ? { type: Event['type']; timestamp: string; data: { job: ToldJob; seq: number; event?: Event['data'] } }
  : never

/** What a webhook is told; `timestamp` is when it happened. */
export type WebhookEvent = Told<AllJobsEvent> | { type: 'webhook.test'; timestamp: string; data: { webhook: Webhook } }

export type WebhookHeaders = Headers | Readonly<Record<string, string | string[] | undefined>>

export type VerifyWebhookOptions = {
  /** How far the time of the attempt may be from this machine's, in seconds; 300. */
  toleranceSeconds?: number
}

/**
 * The event in a request, whose `body` is as it came and not parsed. Who has seen the header `webhook-id` before has been told already.
 * @throws SignatureError unless it was signed with `secret`, `whsec_…`, a short time ago
 */
export const verifyWebhook = async (
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  { toleranceSeconds = 300 }: VerifyWebhookOptions = {},
): Promise<WebhookEvent> => {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature').split(' ')
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds)
    throw new SignatureError(`The webhook-timestamp ${timestamp} is not within ${toleranceSeconds} s of now`)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const signed = joined([new TextEncoder().encode(`${id}.${timestamp}.`), bytes])
  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  for (const signature of signatures) {
    // Compares in constant time.
    if (signature.startsWith('v1,') && (await crypto.subtle.verify('HMAC', key, bytesOf(signature.slice(3)), signed)))
      return JSON.parse(new TextDecoder().decode(bytes)) as WebhookEvent
  }
  throw new SignatureError('The body is not what was signed with this secret')
}

const headerOf = (headers: WebhookHeaders, name: string): string => {
  const found = headers instanceof Headers ? headers.get(name) : Object.entries(headers).find(([one]) => one.toLowerCase() === name)?.[1]
  const value = Array.isArray(found) ? found[0] : found
  if (!value) throw new SignatureError(`There is no header ${name}`)
  return value
}

/** @throws TypeError for a text that is no secret */
const keyOf = (secret: string): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(secret.replace(/^whsec_/, ''))
  if (bytes.length === 0) throw new TypeError('The secret must be whsec_ and base64')
  return bytes
}

/** None for what is no base64. */
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
