/** `client.events`: what happens to all jobs. */
import { follow } from '../http/following.ts'
import { createList, type List, type Page } from '../http/pages.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { AllJobsEvent, AllJobsEventQuery } from '../types.ts'

export type FollowEventsOptions = CallOptions & Pick<AllJobsEventQuery, 'after' | 'type' | 'metadata'>

const path = '/v1/events'

export const createEvents = (transport: Transport) => {
  /** What is stored, oldest first: `list({ type: ['job.failed'], metadata: { team: 'blue' }, after: event.id })`. */
  const list = (query: AllJobsEventQuery = {}, options: CallOptions = {}): List<AllJobsEvent> =>
    createList((after) => transport.json<Page<AllJobsEvent>>('GET', path, { ...options, query: { ...query, after: after ?? query.after } }))

  /**
   * What happened and happens, without an end: after the event whose id is `after`, from now on if that is `latest`, else from the
   * first that there is. A line that breaks is opened again: none is missing, none comes twice.
   */
  const followAll = ({ after, type, metadata, ...options }: FollowEventsOptions = {}): AsyncGenerator<AllJobsEvent> => {
    const query = { type, metadata }
    return after === 'latest'
      ? follow(transport, path, { ...options, query: { ...query, after }, after: undefined })
      : follow(transport, path, { ...options, query, after })
  }

  return { list, follow: followAll }
}
