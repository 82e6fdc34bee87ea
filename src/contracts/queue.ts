/** Names that the API and the workers meet under: BullMQ queues, whose wake-ups carry an id alone, and NOTIFY channels. */

/** BullMQ queues: training runs, and inference requests; their names on the wire stay what they were. */
export const queues = { training: 'trainyard-training', inference: 'trainyard-calls' } as const

/** A wake-up: it says that there is work, and carries nothing but an id. */
export type WakeUpPayload = { v: 1; id: string }

/** PostgreSQL NOTIFY channels; the payload is the id of the row that changed, and for a job that a worker does no more than go on with, a space and how. */
export const channels = { job: 'trainyard_job', inference: 'trainyard_call', import: 'trainyard_import' } as const

/** How a worker went on with a job: it took it, or finished epochs of it. Neither ends it. */
export const jobSteps = { started: 'started', progress: 'progress' } as const
