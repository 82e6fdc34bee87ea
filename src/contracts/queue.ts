/** Names that the API and the workers meet under: BullMQ queues, whose wake-ups carry an id alone, and NOTIFY channels. */

/** BullMQ queues: training runs, and what webhooks are told; their names on the wire stay what they were. */
export const queues = { training: 'trainyard-training', webhooks: 'trainyard-webhooks' } as const

/** Which workers a request is for that is answered at once. */
export const requestQueues = { inference: 'inference' } as const
export type RequestQueue = (typeof requestQueues)[keyof typeof requestQueues]

/** A wake-up: it says that there is work, and carries nothing but an id. */
export type WakeUpPayload = { v: 1; id: string }

/**
 * PostgreSQL NOTIFY channels; the payload is the id of the row that changed, and for a job that a worker does no more than go on with, a space and how.
 * `request` tells workers of a request: behind its id stand the queue, and `@worker` if one of them is to have it.
 */
export const channels = {
  job: 'trainyard_job',
  inference: 'trainyard_call',
  request: 'trainyard_request',
  import: 'trainyard_import',
  trainerWork: 'trainyard_trainer_work',
  trainer: 'trainyard_trainer',
  webhook: 'trainyard_webhook',
  predictionWork: 'trainyard_prediction_work',
  prediction: 'trainyard_prediction',
} as const

/** What follows the id of a request on its channel. */
export const addressOf = (queue: RequestQueue, worker: string | undefined): string => (worker ? `${queue}@${worker}` : queue)

/** Whether a request with this address is for a worker of the queue. */
export const isAddressedTo = (address: string | undefined, queue: RequestQueue, worker: string): boolean =>
  address === queue || address === `${queue}@${worker}`

/** How a worker went on with a job: it took it, or finished epochs of it. Neither ends it. */
export const jobSteps = { started: 'started', progress: 'progress' } as const
