/** Secrets and signatures by the rules of Standard Webhooks (https://www.standardwebhooks.com). */
import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Secrets } from './webhook.ts'

export const newSecret = (): Uint8Array => randomBytes(32)

/** `whsec_` and the bytes in base64, as verifiers take it. */
export const secretText = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`

/**
 * The headers of one attempt. Signed is `ID.TIMESTAMP.BODY`; while two secrets are valid there are two signatures, with a space between,
 * so that a receiver that knows either is content.
 */
export const signatureHeaders = (id: string, body: string, { secret, previousSecret, previousUntil }: Secrets, at: Date) => {
  const secrets = previousSecret && previousUntil && previousUntil > at ? [secret, previousSecret] : [secret]
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((one) => new Webhook(secretText(one)).sign(id, at, body)).join(' '),
  }
}
