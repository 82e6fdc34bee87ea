/** Events that may come many times a second. */
import { chattyEventTypes } from '../../contracts/event-types.ts'

/** As webhooks name them. */
export const chattyTypes: readonly string[] = chattyEventTypes.map((type) => `job.${type}`)

/** At the least so long after one of them the next is sent, of each type and job; of those that come meanwhile the last. */
export const chattyMs = 500
