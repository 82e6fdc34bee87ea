/** Server-sent events, as the HTML standard writes them. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EventResource } from '../api/event.schema.ts'
import type { JobEventResource } from '../api/job-event.schema.ts'

export const eventStreamType = 'text/event-stream'

/** What a client waits before it comes back after a lost connection, in milliseconds. */
const retryMs = 1000

/** How long a client that reads nothing may delay the end of the service, in milliseconds. */
const timeoutMs = 1000

/** How long a client may leave what was sent to it unread before it is cut off, in milliseconds; it can come back and go on. */
const unreadMs = 30_000

/** Characters that are sent at once: what a client that reads nothing has waiting for it. */
const pieceLength = 64 * 1024

/**
 * A stream of pages of events, each as `write` has it. It reads no faster than the client does, and calls `onStalled` for one that reads nothing
 * any more.
 */
export const toEventStream = <Page extends object>(
  pages: AsyncIterable<Page>,
  write: (page: Page) => string,
  onStalled: () => void,
): Readable => Readable.from(watched(blocks(pages, write), onStalled), { highWaterMark: 1 })

/** Events of one job by their numbers; an empty page becomes a comment that keeps the line open. */
export const writeEvents = (page: EventResource[]): string =>
  page.length === 0 ? stillHere : page.map((event) => toBlock(event.seq, event)).join('')

/** Events of all jobs by their ids; without any, the id by which to go on. */
export const writeJobEvents = ({ events, id }: { events: JobEventResource[]; id: string }): string =>
  events.length === 0 ? `id: ${id}\n${stillHere}` : events.map((event) => toBlock(event.id, event)).join('')

/** When the service closes, a client that doesn't read is cut off soon: it would keep its connection, and the service with it. */
export const cutOffAtClose = (reply: FastifyReply, closing: AbortSignal): void => {
  const cutOff = (): void => void setTimeout(() => reply.raw.destroy(), timeoutMs).unref()
  closing.addEventListener('abort', cutOff)
  reply.raw.once('close', () => closing.removeEventListener('abort', cutOff))
}

/**
 * Nobody on the way may keep a stream, hold parts of it back or change them. The end of a stream is the end of its
 * connection: kept alive, it would keep a closing service waiting.
 */
export const describeStream = (reply: FastifyReply): FastifyReply =>
  reply
    .type(`${eventStreamType}; charset=utf-8`)
    .headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no', connection: 'close' })

/** What a client remembers before its first event: to the HTML standard the same as no header. */
export const ignoreEmptyId = async ({ headers }: FastifyRequest): Promise<void> => {
  if (headers['last-event-id'] === '') delete headers['last-event-id']
}

async function* blocks<Page extends object>(pages: AsyncIterable<Page>, write: (page: Page) => string): AsyncGenerator<string> {
  // Sent before there is any event, so that the client knows at once that it is connected.
  yield `retry: ${retryMs}\n\n`
  for await (const page of pages) {
    const text = texts.get(page) ?? write(page)
    texts.set(page, text)
    for (let from = 0; from < text.length; from += pieceLength) yield text.slice(from, from + pieceLength)
  }
}

/** A piece that is not taken for so long was sent to somebody who reads nothing. */
async function* watched(pieces: AsyncIterable<string>, onStalled: () => void): AsyncGenerator<string> {
  for await (const piece of pieces) {
    const timer = setTimeout(onStalled, unreadMs)
    yield piece
    clearTimeout(timer)
  }
}

/** Texts of pages, which many streams are given. */
const texts = new WeakMap<object, string>()

const stillHere = ': still here\n\n'

/** JSON has no line breaks, so one `data` line holds it. */
const toBlock = (id: number | string, event: EventResource | JobEventResource): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
