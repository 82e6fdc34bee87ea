/** A receiver of webhooks on this machine: keeps what it is sent, and answers as it is told to, by path. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
export type Received = { path: string; headers: IncomingHttpHeaders; text: string; body: any; at: number }
export type Receiver = Awaited<ReturnType<typeof openReceiver>>

/** How long a test waits for what is to be sent: a crowded machine takes its time. */
const timeoutMs = 60_000

export const openReceiver = async () => {
  const received: Received[] = []
  const answers = new Map<string, (response: ServerResponse, request: Received) => unknown>()
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const at = Date.now()
    void text(request).then((whole) => {
      const path = request.url ?? ''
      const one = { path, headers: request.headers, text: whole, body: whole ? JSON.parse(whole) : null, at }
      received.push(one)
      const answer = answers.get(path)
      if (answer) answer(response, one)
      else response.writeHead(204).end()
      for (const look of waiting) look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const at = (path: string): Received[] => received.filter((one) => one.path === path)

  /** Resolves to what came to a path once that fulfils a condition: so many, or any other. */
  const until = (path: string, condition: number | ((all: Received[]) => boolean)): Promise<Received[]> =>
    new Promise((done, failed) => {
      const isMet = (all: Received[]) => (typeof condition === 'number' ? all.length >= condition : condition(all))
      const timer = setTimeout(() => {
        waiting.delete(look)
        failed(new Error(`${path} was told ${at(path).map(({ body }) => body.type)} only`))
      }, timeoutMs)
      const look = (): void => {
        if (!isMet(at(path))) return
        clearTimeout(timer)
        waiting.delete(look)
        done(at(path))
      }
      waiting.add(look)
      look()
    })

  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
  }

  return { origin, answers, at, until, close }
}
