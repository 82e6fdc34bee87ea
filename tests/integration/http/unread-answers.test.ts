/** Clients that ask for much and read nothing. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, it } from 'node:test'
import { defaultPace } from '../../../src/http/bodies/progress.ts'
import { type ServedApi, serveTestApi } from '../../support/event-stream.ts'

let api: ServedApi
let path: string
before(async () => {
  api = await serveTestApi({ pace: { ...defaultPace, unreadMs: 200 } })
  const { id } = await api.submit()
  const worker = await api.claim()
  const long = { message: 'x'.repeat(20_000) }
  await worker.commit({ events: Array.from({ length: 1000 }, () => ({ type: 'warning' as const, data: long })) })
  path = `/v1/jobs/${id}/events`
})
after(() => api.close())

const ask = async (request: string): Promise<{ client: Socket; served: Socket }> => {
  const { port, hostname } = new URL(api.url)
  const client = connect(Number(port), hostname).on('error', () => {})
  const [served] = (await once(api.app.server, 'connection')) as [Socket]
  client.pause().write(`GET ${request} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  return { client, served }
}

it('a client that reads nothing of its answer is cut off, and others get theirs whole', { timeout: 60_000 }, async () => {
  const { client, served } = await ask(path)
  const cut = once(served, 'close')
  const answer = await fetch(api.url + path)
  assert.ok((await answer.text()).length > 1_000_000)
  await cut
  client.destroy()
})

it('a client that waits for an answer is not cut off, and one that asks nothing more keeps its connection', {
  timeout: 60_000,
}, async () => {
  const { client, served } = await ask(`${path.replace('/events', '')}?wait=1`)
  client.resume()
  const [data] = await once(client, 'data')
  assert.match(String(data), /^HTTP\/1\.1 200/)
  client.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(client, 'data')
  assert.ok(!served.destroyed)
  client.destroy()
})
