/** Server-sent events, as the HTML standard writes them. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { EventResource } from '../api/event.schema.ts'

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
 * A stream of pages of events; an empty page becomes a comment that keeps the line open. It reads no faster than the
 * client does, and calls `onStalled` for one that reads nothing any more.
 */
export const toEventStream = (pages: AsyncIterable<EventResource[]>, onStalled: () => void): Readable =>
  Readable.from(watched(blocks(pages), onStalled), { highWaterMark: 1 })

/** When the service closes, a client that doesn't read is cut off soon: it would keep its connection, and the service with it. */
export const cutOffAtClose = (reply: FastifyReply, closing: AbortSignal): void => {
  const cutOff = (): void => void setTimeout(() => reply.raw.destroy(), timeoutMs).unref()
  closing.addEventListener('abort', cutOff)
  reply.raw.once('close', () => closing.removeEventListener('abort', cutOff))
}

async function* blocks(pages: AsyncIterable<EventResource[]>): AsyncGenerator<string> {
  // Sent before there is any event, so that the client knows at once that it is connected.
  yield `retry: ${retryMs}\n\n`
  for await (const page of pages) {
    const text = page.length === 0 ? ': still here\n\n' : textOf(page)
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
const texts = new WeakMap<EventResource[], string>()

const textOf = (page: EventResource[]): string => {
  const known = texts.get(page)
  if (known !== undefined) return known
  const text = page.map(toBlock).join('')
  texts.set(page, text)
  return text
}

/** JSON has no line breaks, so one `data` line holds it. */
const toBlock = (event: EventResource): string => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
