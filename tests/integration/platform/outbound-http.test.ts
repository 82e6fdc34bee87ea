/** Requests of the service, against a server of this machine that a resolver of the test gives names to. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createOutboundHttp, type OutboundRequest } from '../../../src/platform/outbound/outbound-http.ts'

const limits = { maxBytes: 1000, timeoutMs: 10_000 }

describe('requests of the service', () => {
  let port = 0
  const asked: IncomingMessage[] = []
  const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/hello': (request, response) => void request.pipe(response.writeHead(200, { 'x-method': request.method })),
    '/to-metadata': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    '/to-name': (_, response) => response.writeHead(301, { location: `http://inside.example:${port}/hello` }).end(),
    '/to-file': (_, response) => response.writeHead(307, { location: 'file:///etc/passwd' }).end(),
    '/to-user': (_, response) => response.writeHead(308, { location: `http://a:b@site.example:${port}/hello` }).end(),
    '/to-nowhere': (_, response) => response.writeHead(302, { location: 'http://[' }).end(),
    '/around': (_, response) => response.writeHead(302, { location: '/around' }).end(),
    '/relative': (_, response) => response.writeHead(303, { location: 'hello?x=1' }).end(),
    '/long': (_, response) => response.writeHead(200).write('x'.repeat(2000)),
    '/said-long': (_, response) => response.writeHead(200, { 'content-length': 1001 }).write('x'),
    '/stops': (_, response) => response.writeHead(200).write('x'),
    '/breaks-off': (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy()),
    '/silent': () => {},
  }
  const server = createServer((request, response) => {
    asked.push(request)
    answers[new URL(request.url ?? '', 'http://x').pathname]?.(request, response)
  })
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  /** Names of this test; the second lookup of `turncoat.example` answers differently. */
  const looked: string[] = []
  const resolve = async (name: string) => {
    looked.push(name)
    const isAgain = looked.filter((one) => one === name).length > 1
    const address: Record<string, string[]> = {
      'inside.example': ['10.0.0.1'],
      'both.example': ['8.8.8.8', '127.0.0.1'],
      'metadata.example': ['169.254.169.254'],
      'turncoat.example': isAgain ? ['169.254.169.254'] : ['127.0.0.1'],
      'none.example': [],
    }
    return (address[name] ?? ['127.0.0.1']).map((one) => ({ address: one, family: 4 }))
  }
  const strict = createOutboundHttp({ allowHttp: true, allowPrivate: false, resolve })
  const open = createOutboundHttp({ allowHttp: true, allowPrivate: true, resolve })
  const url = (path: string, name = 'site.example') => `http://${name}:${port}${path}`
  const get = (path: string, others: Partial<OutboundRequest> = {}) => open.request({ url: url(path), ...limits, ...others })
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: { code: string }) => error.code,
    )

  it('a name that leads to a closed address is not connected to, however many open addresses it has besides', async () => {
    asked.length = 0
    for (const name of ['inside.example', 'both.example', 'metadata.example', 'localhost', 'site.example'])
      assert.equal(await code(strict.request({ url: url('/hello', name), ...limits })), 'address_not_allowed', name)
    assert.equal(
      await code(createOutboundHttp({ allowHttp: true, allowPrivate: false }).request({ url: url('/', 'localhost'), ...limits })),
      'address_not_allowed',
    )
    assert.equal(await code(open.request({ url: url('/hello', 'metadata.example'), ...limits })), 'address_not_allowed')
    assert.equal(await code(open.request({ url: url('/hello', 'none.example'), ...limits })), 'unreachable')
    assert.equal(asked.length, 0)
  })

  it('a name is looked up once for a connection, and again for the next', async () => {
    assert.equal((await open.request({ url: url('/hello', 'turncoat.example'), ...limits })).status, 200)
    assert.equal(await code(open.request({ url: url('/hello', 'turncoat.example'), ...limits })), 'address_not_allowed')
    assert.equal(looked.filter((name) => name === 'turncoat.example').length, 2)
  })

  it('method, headers and body are sent, and the answer comes with its address', async () => {
    const answer = await get('/hello', { method: 'POST', body: 'a body', headers: { 'x-given': 'yes', host: 'another.example' } })
    assert.deepEqual(
      [answer.status, answer.headers['x-method'], answer.body.toString(), answer.url],
      [200, 'POST', 'a body', url('/hello')],
    )
    assert.deepEqual([asked.at(-1)?.headers['x-given'], asked.at(-1)?.headers.host], ['yes', `site.example:${port}`])
  })

  it('redirects are followed as often as was said, by the rules of the first address', async () => {
    const allowedHosts = ['site.example']
    const follow = (path: string, maxRedirects = 3) => get(path, { maxRedirects, allowedHosts })
    assert.equal((await follow('/relative')).url, url('/hello?x=1'))
    assert.equal((await get('/relative')).status, 303)
    assert.equal((await get('/relative', { method: 'POST', maxRedirects: 3 })).status, 303)
    asked.length = 0
    assert.equal(await code(follow('/around')), 'too_many_redirects')
    assert.equal(asked.length, 4)
    for (const path of ['/to-name', '/to-metadata']) assert.equal(await code(follow(path)), 'host_not_allowed', path)
    assert.equal(await code(get('/to-metadata', { maxRedirects: 3 })), 'address_not_allowed')
    assert.equal(await code(follow('/to-file')), 'scheme_not_allowed')
    for (const path of ['/to-user', '/to-nowhere']) assert.equal(await code(follow(path)), 'invalid_url', path)
  })

  it('an answer that is too long, breaks off, or does not come is an error', async () => {
    for (const path of ['/long', '/said-long']) assert.equal(await code(get(path)), 'too_large', path)
    assert.equal(await code(get('/breaks-off')), 'unreachable')
    for (const path of ['/silent', '/stops']) {
      assert.equal(await code(get(path, { timeoutMs: 100 })), 'timeout', path)
      assert.equal(await code(get(path, { idleMs: 100 })), 'timeout', path)
      assert.equal(await code(get(path, { signal: AbortSignal.timeout(100) })), 'aborted', path)
    }
    assert.equal(await code(get('/hello', { url: `https://site.example:${port}/` })), 'unreachable', 'no TLS')
  })

  it('an answer that nobody reads any further closes its connection', async () => {
    const { body } = await open.open({ url: url('/stops'), ...limits })
    const closed = once(asked.at(-1)?.socket ?? server, 'close')
    body.destroy()
    await closed
  })

  it('proxies that the environment names are not asked', async () => {
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'all_proxy', 'NODE_USE_ENV_PROXY']
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = name.startsWith('NODE') ? '1' : 'http://127.0.0.1:1'
    try {
      assert.equal((await get('/hello')).status, 200)
    } finally {
      for (const [index, name] of names.entries())
        if (before[index] === undefined) delete process.env[name]
        else process.env[name] = before[index]
    }
  })
})
