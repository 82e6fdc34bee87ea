/** What a delivery is, and what of it is shown. */
import type { Attempt, DeliveryResource, DeliveryStatus } from '../../api/delivery.schema.ts'

export type Delivery = {
  id: string
  webhookId: string
  jobId: string | null
  type: string
  status: DeliveryStatus
  attempts: number
  nextAt: Date | null
  last: Attempt | null
  createdAt: Date
  finishedAt: Date | null
}

export const toDeliveryResource = ({ nextAt, last, createdAt, finishedAt, ...delivery }: Delivery): DeliveryResource => ({
  ...delivery,
  nextAttemptAt: nextAt?.toISOString() ?? null,
  lastAttempt: last,
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
})
