/** Server-sent events as any program reads them: a fetch, and the blocks of its body as they arrive. */

import { setImmediate as turn } from 'node:timers/promises'
import { openTestApi, type TestApi } from './api.ts'

/** One block: its fields, or a comment alone. */
export type Block = { id?: string; event?: string; data?: string; retry?: string; comment?: string }

/** Opens a stream; `blocks` ends when the server ends it. */
export const openStream = async (
  url: string,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
) => {
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal })
  return { response, blocks: blocksOf(response) }
}

async function* blocksOf({ body }: Response): AsyncGenerator<Block> {
  if (!body) return
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) yield toBlock(part)
  }
  if (text !== '') throw new Error(`the stream ended within ${JSON.stringify(text)}`)
}

const toBlock = (text: string): Block =>
  Object.fromEntries(
    text.split('\n').map((line) => {
      const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? []
      return [name || 'comment', value]
    }),
  )

/** The events of a stream's blocks, without what only keeps the line open. */
export async function* eventsOf(blocks: AsyncIterable<Block>): AsyncGenerator<Block & { data: string }> {
  for await (const block of blocks) if (block.data !== undefined) yield { ...block, data: block.data }
}

/** Waits until the list has all events that are stored: those after what another transaction is still writing, a round of the housekeeping too, come with its end. */
export const untilListed = async ({ bench: { database } }: TestApi): Promise<void> => {
  const isBehind = async () =>
    (
      await database.prisma.$queryRaw<{ behind: boolean }[]>`
        select exists (select from "Event" where position >= (select event_horizon())) as behind`
    )[0]?.behind
  while (await isBehind());
}

export type ServedApi = TestApi & {
  url: string
  addressOf: (id: string) => string
  list: (id: string) => Promise<Block[]>
  watches: () => number
}

/** The API on a port, with a count of the rows that are being watched. */
export const serveTestApi = async (options: Parameters<typeof openTestApi>[0] = {}): Promise<ServedApi> => {
  const api = await openTestApi(options)
  const { notifications } = api.bench
  const { follow } = notifications
  let watches = 0
  notifications.follow = (...row) => {
    const unfollow = follow(...row)
    watches++
    return () => {
      watches--
      unfollow()
    }
  }
  const url = await api.app.listen({ port: 0, host: '127.0.0.1' })
  return {
    ...api,
    url,
    addressOf: (id) => `${url}/v1/jobs/${id}/events`,
    list: async (id) => (await api.get(`/v1/jobs/${id}/events`)).body.data,
    watches: () => watches,
    close: async () => {
      // What `fetch` keeps for later would be waited for.
      api.app.server.closeAllConnections()
      await api.close()
    },
  }
}

/** Resolves once nothing is watched any more: whatever a stream held is free. */
export const unwatched = async ({ watches }: ServedApi): Promise<void> => {
  while (watches() > 0) await turn()
}

/** All of them, once there are no more. */
export const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
