/** Refusals that are known before a body was read reach a client that is still sending it, and come before it where the client waits. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { exchange, openSocket, received, requestHead } from '../../support/raw-http.ts'

const limit = 2 ** 20
let api: TestApi
let port: number
before(async () => {
  api = await openTestApi({ bodyLimit: limit, apiKeys: [{ tenant: 'ann', secret: 'a' }] })
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as AddressInfo).port
})
after(() => api.close())

type Refusal = { path: string; method?: string; headers: Record<string, string>; length?: number; status: number }

type Headers = Record<string, string>
const key = { 'x-api-key': 'a' }
const csv = { ...key, 'content-type': 'text/csv' }
const json = { ...key, 'content-type': 'application/json' }
/** Larger than all buffers between client and server together. */
const long = 12 * 2 ** 20

const refusals: Record<string, Refusal> = {
  'a missing key': { path: '/v1/datasets', headers: { 'content-type': 'text/csv' }, status: 401 },
  'an unknown path': { path: '/v1/nothing', headers: json, status: 404 },
  'a method that the path has not': { path: '/v1/jobs', method: 'PUT', headers: json, status: 405 },
  'JSON over the limit': { path: '/v1/jobs', headers: json, status: 413 },
  'a file over the limit': { path: '/v1/datasets', headers: csv, length: 65 * limit, status: 413 },
  'a media type that nobody takes': { path: '/v1/jobs', headers: csv, status: 415 },
  'a compressed body': { path: '/v1/jobs', headers: { ...json, 'content-encoding': 'gzip' }, status: 415 },
  'an unknown compression': { path: '/v1/datasets', headers: { ...csv, 'content-encoding': 'br' }, status: 415 },
  'options that are wrong': { path: '/v1/datasets?inputShape=0', headers: csv, status: 422 },
  'an unknown parameter': { path: '/v1/datasets?colour=red', headers: csv, status: 422 },
  'a form without a boundary': { path: '/v1/datasets', headers: { ...key, 'content-type': 'multipart/form-data' }, status: 400 },
  'a file whose first lines are no CSV': { path: '/v1/datasets', headers: csv, status: 400 },
}

/** Sends the whole body whatever comes back, as many clients do, and then reads the answer. */
const sendAll = async (head: string, length: number): Promise<string> => {
  const socket = await openSocket(port)
  const answer = received(socket)
  socket.write(head)
  const chunk = Buffer.alloc(65_536, 'x"\n')
  for (let sent = 0; sent < length; sent += chunk.length) {
    assert.ok(socket.writable, 'the connection stays open for what is still sent')
    if (!socket.write(chunk.subarray(0, Math.min(chunk.length, length - sent)))) await once(socket, 'drain')
  }
  socket.end()
  return answer
}

describe('a client that is still sending', () => {
  for (const [name, { path, method = 'POST', headers, length = long, status }] of Object.entries(refusals))
    for (const more of [{}, { 'idempotency-key': name }] as Headers[])
      it(`a client that is still sending reads its refusal for ${name}${'idempotency-key' in more ? ' under an Idempotency-Key' : ''}`, async () => {
        const answer = await sendAll(requestHead(method, path, { ...headers, ...more }, length), length)
        assert.match(
          answer,
          new RegExp(`^HTTP/1\\.1 ${status} .*\r\nconnection: close\r\n.*application/problem\\+json.*"status":${status}`, 'is'),
        )
      })

  it('a client that is still sending may send in chunks that say nothing of the whole', async () => {
    const socket = await openSocket(port)
    const answer = received(socket)
    socket.write(requestHead('POST', '/v1/jobs', { ...json, 'transfer-encoding': 'chunked' }))
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, ' '), Buffer.from('\r\n')])
    for (let sent = 0; sent < 64; sent++) if (!socket.write(chunk)) await once(socket, 'drain')
    socket.write('0\r\n\r\n')
    assert.match(await answer, /^HTTP\/1\.1 413 .*"code":"BODY_TOO_LARGE"/s)
  })
})

describe('a client that waits for 100 Continue', () => {
  const waits = { expect: '100-continue' }

  for (const [name, { path, method = 'POST', headers, length = long, status }] of Object.entries(refusals)) {
    if (name.startsWith('a file whose')) continue
    for (const more of [{}, { 'idempotency-key': `waiting ${name}` }] as Headers[])
      it(`a client that waits for 100 Continue is refused before it sends: ${name}${'idempotency-key' in more ? ', under an Idempotency-Key' : ''}`, async () => {
        const answer = await exchange(port, requestHead(method, path, { ...headers, ...waits, ...more }, length))
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      })
  }

  const bodies = { JSON: { headers: json, body: '{"rows":[{"x":1}]}' }, CSV: { headers: csv, body: 'x\n1\n' } }
  for (const [name, { headers, body }] of Object.entries(bodies))
    it(`a client that waits for 100 Continue is asked for what may come, once: ${name}`, async () => {
      for (const more of [{}, { 'idempotency-key': name }, { 'idempotency-key': name }] as Headers[]) {
        const socket = await openSocket(port)
        socket.write(requestHead('POST', '/v1/datasets', { ...headers, ...waits, ...more, connection: 'close' }, body.length))
        const [first] = await once(socket, 'data')
        assert.equal(String(first), 'HTTP/1.1 100 Continue\r\n\r\n')
        socket.write(body)
        assert.match(await received(socket), /^HTTP\/1\.1 201 /)
      }
    })
})

it('HTTP/1.1 without a Host is told so, and HTTP/1.0 needs none', async () => {
  assert.match(
    await exchange(port, 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'),
    /^HTTP\/1\.1 400 .*problem\+json.*MALFORMED_REQUEST/s,
  )
  assert.match(await exchange(port, 'GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
})

it('while the service closes, requests get a problem that says when to come again', async (t) => {
  const closing = await openTestApi()
  t.after(() => closing.close())
  await closing.app.listen({ host: '127.0.0.1', port: 0 })
  const socket = await openSocket((closing.app.server.address() as AddressInfo).port)
  const answered = received(socket)
  socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\n')
  const closed = closing.app.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.write('\r\n')
  const answer = await answered
  assert.match(answer, /^HTTP\/1\.1 503 .*problem\+json.*"code":"UNAVAILABLE"/s)
  assert.match(answer, /\r\nretry-after: 1\r\n/i)
  await closed
})
