/** Large bodies that come slowly: each holds what others wait for, and keeps it only while it brings enough. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import type { Pace } from '../../../src/http/bodies/progress.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openSocket, received, requestHead } from '../../support/raw-http.ts'

const mib = 2 ** 20
const apis: TestApi[] = []
after(() => Promise.all(apis.map((api) => api.close())))

const open = async (pace: Pace): Promise<{ api: TestApi; port: number }> => {
  const api = await openTestApi({ bodyLimit: mib, pace })
  apis.push(api)
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  return { api, port: (api.app.server.address() as AddressInfo).port }
}

/** Sends the head of a request alone; its answer, which begins with 100 Continue once it has its share. */
const announce = async (port: number, path: string, headers: Record<string, string>, length?: number) => {
  const socket = await openSocket(port)
  socket.write(requestHead('POST', path, { ...headers, connection: 'close', expect: '100-continue' }, length))
  return { socket, asked: once(socket, 'data'), answer: received(socket) }
}
const announceFile = (port: number) => announce(port, '/v1/datasets', { 'content-type': 'text/csv', 'transfer-encoding': 'chunked' })
const announceForm = (port: number) =>
  announce(port, '/v1/datasets', { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' })
const announceJson = (port: number) => announce(port, '/v1/jobs', { 'content-type': 'application/json' }, mib)

const form = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\ncontent-type: text/csv\r\n\r\nx,y\n'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
const ways = [
  { name: 'a file', begin: announceFile, beginning: chunk('x,y\n'), most: 16 },
  { name: 'a file in a form', begin: announceForm, beginning: chunk(form), most: 16 },
  { name: 'JSON', begin: announceJson, beginning: '{"dataset":', most: 3 },
] as const

/** As many as may be read at a time, each asked for its body and begun. */
const fill = async ({ begin, beginning, most }: (typeof ways)[number], port: number) => {
  const held = []
  for (let at = 0; at < most; at++) {
    const one = await begin(port)
    await one.asked
    one.socket.write(beginning)
    held.push(one)
  }
  return held
}
const destroy = (sockets: Iterable<{ socket: Socket }>): void => {
  for (const { socket } of sockets) socket.destroy()
}

describe('a large body that brings too little in a window', () => {
  for (const { name, begin, beginning } of ways)
    it(`a large body that brings too little in a window is refused, and its client told why: ${name}`, async () => {
      const { port } = await open({ windowMs: 20, minBytes: mib, minBytesIfWaitedFor: mib })
      const { socket, asked, answer } = await begin(port)
      await asked
      socket.write(beginning)
      const text = await answer
      assert.match(text, /HTTP\/1\.1 400 /)
      assert.match(text, /"code":"MALFORMED_BODY".*"path":"\/body","code":"too_slow"/)
      socket.destroy()
    })
})

describe('a large body that is slow while another waits', () => {
  for (const way of ways)
    it(`a large body that is slow while another waits leaves its place to it, and the others stay: ${way.name}`, async () => {
      const { port } = await open({ windowMs: 20, minBytes: 0, minBytesIfWaitedFor: 10 * mib })
      const held = await fill(way, port)
      const ended = Promise.race(held.map(({ answer }, at) => answer.then((text) => ({ at, text }))))
      const next = await way.begin(port)
      await next.asked
      const { at, text } = await ended
      assert.match(text, /HTTP\/1\.1 503 /)
      assert.match(text, /retry-after: 1\r\n/i)
      assert.match(text, /"code":"UNAVAILABLE".*"path":"\/body","code":"too_slow"/)
      const others = held.filter((_, place) => place !== at)
      for (const { socket } of others) socket.write(way.name === 'JSON' ? ' '.repeat(mib - way.beginning.length) : '0\r\n\r\n')
      // They are read to their ends, which are no good tables, forms or JSON.
      for (const answer of await Promise.all(others.map((other) => other.answer))) assert.match(answer, /HTTP\/1\.1 4\d\d /)
      destroy([...held, next])
    })

  it('a large body that is slow while another waits stays where it is fast enough', async () => {
    const { port } = await open({ windowMs: 20, minBytes: 0, minBytesIfWaitedFor: 0 })
    const [way] = ways
    const held = await fill(way, port)
    const next = await way.begin(port)
    const [first] = held
    assert.ok(first)
    first.socket.write(`${chunk('1,2\n')}0\r\n\r\n`)
    assert.match(await first.answer, /HTTP\/1\.1 201 /)
    await next.asked
    destroy([...held, next])
  })
})
