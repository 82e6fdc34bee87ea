/** Events that may come many times a second, and those that a receiver would miss most. */
import { chattyEventTypes, fullType, predictionEventTypes } from '../../contracts/event-types.ts'
import { terminalStatuses } from '../../contracts/lifecycle.ts'

/** As webhooks name them. */
export const chattyTypes: readonly string[] = chattyEventTypes.map((type) => fullType(type))

/** At the least so long after one of them the next is sent, of each type and job; of those that come meanwhile the last. */
export const chattyMs = 500

/** Types that are dropped last when too much waits. */
export const startsAndEnds: readonly string[] = [
  ...(['started', ...terminalStatuses] as const).map((type) => fullType(type)),
  ...predictionEventTypes,
]
