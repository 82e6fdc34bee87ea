/** Server-sent events, as the HTML standard writes them, and how many of them one tenant may hold open. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { EventResource } from '../api/event.schema.ts'
import { Problem } from '../contracts/error-codes.ts'

export const eventStreamType = 'text/event-stream'

/** What a client waits before it comes back after a lost connection, in milliseconds. */
const retryMs = 1000

/** How long a client that reads nothing may delay the end of the service, in milliseconds. */
const timeoutMs = 1000

/**
 * A stream of pages of events; an empty page becomes a comment that keeps the line open. It reads no faster than the
 * client does.
 */
export const toEventStream = (pages: AsyncIterable<EventResource[]>): Readable => Readable.from(blocks(pages), { highWaterMark: 1 })

/** Counts the streams of each tenant; `onOpen` is told of each, and what it gives is called at its end. */
export const createStreamLimit = ({ max, onOpen }: { max: number; onOpen: () => () => void }) => {
  const open = new Map<string, number>()

  const change = (tenant: string, by: number): void => {
    const count = (open.get(tenant) ?? 0) + by
    if (count > 0) open.set(tenant, count)
    else open.delete(tenant)
  }

  /** Holds one place until the answer is through, however it ends. @throws Problem RATE_LIMITED if none is left */
  const hold = (tenant: string, reply: FastifyReply): void => {
    if ((open.get(tenant) ?? 0) >= max) {
      reply.header('retry-after', '10')
      throw new Problem('RATE_LIMITED', `${max} event streams are open already; close some of them`)
    }
    change(tenant, 1)
    const onClose = onOpen()
    reply.raw.once('close', () => {
      change(tenant, -1)
      onClose()
    })
  }

  return { hold }
}

/** When the service closes, a client that doesn't read is cut off soon: it would keep its connection, and the service with it. */
export const cutOffAtClose = (reply: FastifyReply, closing: AbortSignal): void => {
  const cutOff = (): void => void setTimeout(() => reply.raw.destroy(), timeoutMs).unref()
  closing.addEventListener('abort', cutOff)
  reply.raw.once('close', () => closing.removeEventListener('abort', cutOff))
}

async function* blocks(pages: AsyncIterable<EventResource[]>): AsyncGenerator<string> {
  // Sent before there is any event, so that the client knows at once that it is connected.
  yield `retry: ${retryMs}\n\n`
  for await (const page of pages) yield page.length === 0 ? ': still here\n\n' : page.map(toBlock).join('')
}

/** JSON has no line breaks, so one `data` line holds it. */
const toBlock = (event: EventResource): string => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
