/** What a webhook is, and what of it is shown. */
import type { DisabledReason, WebhookResource, WebhookStatus } from '../../api/webhook.schema.ts'

export type Webhook = {
  id: string
  tenant: string
  url: string
  events: string[]
  description: string | null
  status: WebhookStatus
  disabledReason: DisabledReason | null
  jobId: string | null
  dropped: number
  previousUntil: Date | null
  createdAt: Date
  updatedAt: Date
}

/** What signs: the secret, and the one before until its time is over. */
export type Secrets = { secret: Uint8Array; previousSecret: Uint8Array | null; previousUntil: Date | null }

export const toWebhookResource = (webhook: Webhook): WebhookResource => ({
  id: webhook.id,
  url: webhook.url,
  events: webhook.events,
  description: webhook.description,
  jobId: webhook.jobId,
  status: webhook.status,
  disabledReason: webhook.disabledReason,
  dropped: webhook.dropped,
  previousSecretExpiresAt: expiryOf(webhook.previousUntil),
  createdAt: webhook.createdAt.toISOString(),
  updatedAt: webhook.updatedAt.toISOString(),
})

/** When the secret before ends, unless it has. */
export const expiryOf = (previousUntil: Date | null): string | null =>
  previousUntil && previousUntil.getTime() > Date.now() ? previousUntil.toISOString() : null
