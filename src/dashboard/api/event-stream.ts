/**
 * Server-sent events by fetch, since an EventSource can send no key. A stream that breaks is asked for again after the last event that came.
 */
import { open } from './client.ts'
import { pause } from './connection.ts'
import { isAbort, mayPass } from './problem.ts'
import type { JobEvent } from './types.ts'

export type FollowOptions = {
  /** The `seq` after which to begin. */
  after: number
  onEvent: (event: JobEvent) => void
  signal: AbortSignal
}

/** Milliseconds before a stream that broke is asked for again, at first and at most. */
const firstWaitMs = 1000
const maxWaitMs = 30_000

/** Follows the events of a job until it has ended or `signal` aborts. @throws ApiError if the service refuses */
export const followEvents = async (jobId: string, { after, onEvent, signal }: FollowOptions): Promise<void> => {
  let last = after
  let waitMs = firstWaitMs
  const onNext = (event: JobEvent): void => {
    last = event.seq
    waitMs = firstWaitMs
    onEvent(event)
  }
  while (!signal.aborted) {
    const ended = await followOnce(jobId, { after: last, onEvent: onNext, signal }).catch((error: unknown) => {
      if (isAbort(error) || signal.aborted) return true
      if (!mayPass(error)) throw error
      return false
    })
    if (ended) return
    await pause(waitMs)
    waitMs = Math.min(maxWaitMs, waitMs * 2)
  }
}

/** One stream to its end. True if the job has ended too. */
const followOnce = async (jobId: string, { after, onEvent, signal }: FollowOptions): Promise<boolean> => {
  const response = await open('GET', `/jobs/${encodeURIComponent(jobId)}/events`, undefined, {
    signal,
    headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
  })
  // Nothing comes after the last event.
  if (response.status === 204 || !response.body) return true
  for await (const event of readEvents(response.body)) {
    onEvent(event)
    if (endsJob(event)) return true
  }
  return false
}

const endsJob = ({ type }: JobEvent): boolean => type === 'succeeded' || type === 'failed' || type === 'cancelled'

/** The `data` of each event; comments and `retry` are left out. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<JobEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n')
      if (data) yield JSON.parse(data)
    }
  }
}
