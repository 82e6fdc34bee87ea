/** Streams of events, one after the other. */
import { ConnectionError } from '../errors.ts'
import type { Answer } from './answer.ts'
import type { Query } from './query.ts'
import { sleep } from './retry.ts'
import { type Block, readBlocks } from './server-sent-events.ts'
import type { CallOptions, Transport } from './transport.ts'

export type Followed = CallOptions & {
  query?: Query
  /** The id of the event after which it begins; from the first that there is, or as the query says, if it is undefined. */
  after: string | undefined
}

/** The service says something every 15 s; this long without a byte, and the line is dead. In milliseconds. */
const maxStreamSilenceMs = 45_000
/** Before a stream that broke off is opened again, in milliseconds. */
const reopenMs = 1000

/**
 * Events until the service says that there is nothing more. A line that breaks is opened again after what came last: none is missing,
 * none comes twice.
 */
export async function* follow<Event>(transport: Transport, path: string, { after, query, ...options }: Followed): AsyncGenerator<Event> {
  for (let last = after; ; ) {
    const headers = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }
    const answer = await transport.open('GET', path, { ...options, query, headers, maxSilenceMs: maxStreamSilenceMs })
    if (answer.status === 204) return
    for await (const { id, data } of blocksOf(answer)) {
      last = id || last
      if (data !== undefined) yield JSON.parse(data) as Event
    }
    await sleep(reopenMs, options.signal)
  }
}

/** Ends where the line breaks, too. */
async function* blocksOf(answer: Answer): AsyncGenerator<Block> {
  try {
    yield* readBlocks(answer.chunks())
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
  }
}
