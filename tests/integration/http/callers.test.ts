/** Which hosts and origins the service answers: families of spellings, over real sockets where a client library would tidy them. */
import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

const form = { 'content-type': 'multipart/form-data; boundary=XX' }
const upload = '--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nx,y\n1,2\n\r\n--XX--\r\n'

/** What a server answers to these very bytes. */
const exchange = async (api: TestApi, head: string): Promise<{ status: number; code?: string }> => {
  const socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`${head}\r\n\r\n`)
  const answer = await text(socket)
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? []
  const [, code] = /"code":"(\w+)"/.exec(answer) ?? []
  return { status: Number(status), ...(code ? { code } : {}) }
}

describe('a service without keys', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi({ allowedHosts: ['Trainyard.example', '*.tunnel.example', 'port.example:8443'] })
    await api.app.listen({ host: '127.0.0.1', port: 0 })
  })
  after(() => api.close())

  const status = async (host: string) => (await api.get('/v1/jobs', { host })).status

  it('a service without keys answers under every name of its own machine', async () => {
    const names = ['localhost', 'LocalHost', 'localhost.', 'app.localhost', '127.0.0.1', '127.0.0.1.', '127.255.3.4', '127.1', '2130706433']
    const addresses = ['[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::FFFF:7F00:1]']
    for (const name of [...names, ...addresses])
      for (const port of ['', ':3000', ':65535', ':']) assert.equal(await status(name + port), 200, name + port)
  })

  it('a service without keys answers under the names that it was given, with their ports where these were given', async () => {
    for (const name of ['trainyard.example', 'TRAINYARD.example.:443', 'a.tunnel.example', 'b.a.tunnel.example:80', 'port.example:8443'])
      assert.equal(await status(name), 200, name)
    for (const name of ['tunnel.example', 'evil-tunnel.example', 'port.example', 'port.example:8444', 'x.trainyard.example'])
      assert.equal(await status(name), 403, name)
  })

  it('a service without keys refuses every other name, whatever it is made to look like', async () => {
    const foreign = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'notlocalhost', 'localhost..', '0.0.0.0', '[::]']
    const tricks = ['evil@localhost', 'localhost@evil.example', 'localhost/', 'localhost?', 'localhost#', 'localhost, evil.example']
    const broken = ['[::1', '::1', 'localhost:80:80', 'localhost:x', '127.0.0.1%00', '%6cocalhost', '128.0.0.1', '[::ffff:128.0.0.1]']
    for (const host of [...foreign, ...tricks, ...broken]) {
      const [error] = assertProblem(await api.get('/v1/jobs', { host }), 403, 'HOST_NOT_ALLOWED')
      assert.equal(error?.path, '/host', host)
      assert.match(error?.message ?? '', /ALLOWED_HOSTS/)
    }
  })

  it('a service without keys asks for the host everywhere but at /healthz, before it reads anything', async () => {
    const host = 'evil.example'
    for (const path of ['/', '/docs/', '/openapi.json', '/metrics', '/readyz', '/v1/catalog', '/v1/nothing'])
      assertProblem(await api.get(path, { host }), 403, 'HOST_NOT_ALLOWED')
    assertProblem(await api.post('/v1/jobs', '{', { host, 'content-type': 'application/json' }), 403, 'HOST_NOT_ALLOWED')
    assertProblem(await api.post('/v1/datasets', upload, { ...form, host }), 403, 'HOST_NOT_ALLOWED')
    assert.equal((await api.get('/healthz', { host })).status, 200)
    assert.equal((await api.get('/healthz?x=1', { host, origin: 'https://evil.example' })).status, 200)
  })

  it('a service without keys asks for the host of every form of request', async () => {
    const table: [head: string, status: number][] = [
      ['GET /v1/jobs HTTP/1.1\r\nHost: localhost', 200],
      ['GET http://localhost:3000/v1/jobs HTTP/1.1\r\nHost: localhost', 200],
      ['GET http://evil.example/v1/jobs HTTP/1.1\r\nHost: localhost', 403],
      ['GET http://localhost/v1/jobs HTTP/1.1\r\nHost: evil.example', 403],
      ['GET http://localhost@evil.example/v1/jobs HTTP/1.1\r\nHost: localhost', 403],
      ['GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost', 200],
      ['GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example', 403],
      ['GET /v1/jobs HTTP/1.0\r\nHost: localhost', 200],
      ['GET /v1/jobs HTTP/1.0\r\nHost: evil.example', 403],
      ['GET /v1/jobs HTTP/1.0', 403],
      ['GET /v1/jobs HTTP/1.1\r\nHost:', 403],
      ['GET /v1/jobs HTTP/1.1\r\nHost:  ', 403],
      ['GET /healthz HTTP/1.0', 200],
    ]
    for (const [head, expected] of table) {
      const answer = await exchange(api, `${head}\r\nConnection: close`)
      // Two Hosts are malformed for some versions of Node already.
      assert.ok(
        answer.status === expected || (answer.status === 400 && /Host:.*\r\nHost:/.test(head)),
        `${head}: ${JSON.stringify(answer)}`,
      )
      if (answer.status === 403) assert.equal(answer.code, 'HOST_NOT_ALLOWED')
    }
  })

  it('a service without keys refuses pages of other origins to read and to write', async () => {
    const { body: job } = await api.post('/v1/jobs', notebook())
    const host = 'localhost:3000'
    const foreign: Record<string, string>[] = [
      ...['null', 'https://evil.example', 'http://localhost:5173', 'http://localhost', 'http://evil.example:3000', 'file://', 'x', ''],
      ...[
        'http://localhost:3000/',
        'http://localhost:3000, http://evil.example',
        'http://localhost:3000@evil.example',
        'ws://localhost:3000',
      ],
    ].map((origin) => ({ origin }))
    const sites: Record<string, string>[] = ['cross-site', 'same-site', 'Cross-Site', 'cross-site, same-origin', 'unheard-of'].map(
      (site) => ({
        'sec-fetch-site': site,
        'sec-fetch-mode': 'cors',
      }),
    )
    for (const headers of [...foreign, ...sites, { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' }]) {
      const sent = { host, ...headers }
      for (const answer of [
        await api.get('/v1/jobs', sent),
        await api.post('/v1/jobs', notebook(), sent),
        await api.post(`/v1/jobs/${job.id}/cancel`, undefined, sent),
        await api.post('/v1/datasets', upload, { ...form, ...sent }),
        await api.remove(`/v1/jobs/${job.id}`, sent),
      ])
        assert.match(
          assertProblem(answer, 403, 'ORIGIN_NOT_ALLOWED')[0]?.path ?? '',
          /^\/(origin|sec-fetch-site)$/,
          JSON.stringify(headers),
        )
    }
    assert.equal((await api.get(`/v1/jobs/${job.id}`)).body.status, 'queued')
  })

  it('a service without keys answers its own pages, programs, and people who follow a link', async () => {
    const own: Record<string, string>[] = [
      {},
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      { origin: 'http://localhost:3000' },
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    ]
    for (const headers of own) assert.equal((await api.get('/v1/jobs', { host: 'localhost:3000', ...headers })).status, 200)
    const tunnel = { host: 'a.tunnel.example', origin: 'https://a.tunnel.example', 'sec-fetch-site': 'same-origin' }
    assert.equal((await api.get('/v1/jobs', tunnel)).status, 200, 'TLS ends at the tunnel')
    assert.equal((await api.get('/v1/jobs', { host: 'localhost:80', origin: 'http://localhost' })).status, 200)
  })

  it('a service without keys takes no form that a page of another site submits, and no link under a foreign name', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assertProblem(await api.post('/v1/datasets', upload, { ...form, ...link, origin: 'https://evil.example' }), 403, 'ORIGIN_NOT_ALLOWED')
    assertProblem(await api.post('/v1/datasets', upload, { ...form, ...link }), 403, 'ORIGIN_NOT_ALLOWED')
    assertProblem(await api.get('/docs/', { ...link, host: 'evil.example' }), 403, 'HOST_NOT_ALLOWED')
  })

  it('a service without keys answers a preflight of another origin with a refusal', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const answer = await api.send({ method: 'OPTIONS', url: '/v1/jobs', headers })
    assertProblem(answer, 403, 'ORIGIN_NOT_ALLOWED')
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })
})

describe('CORS_ORIGINS', () => {
  const origin = 'https://app.example'
  const page = { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
  let api: TestApi
  before(async () => {
    api = await openTestApi({ corsOrigins: ['https://APP.example:443', 'http://localhost:5173'] })
  })
  after(() => api.close())

  it('CORS_ORIGINS lets pages of these origins send requests and read every answer, refusals too', async () => {
    const created = await api.post('/v1/jobs', notebook(), { ...page, 'idempotency-key': 'one' })
    const replayed = await api.post('/v1/jobs', notebook(), { ...page, 'idempotency-key': 'one' })
    assert.deepEqual([created.status, replayed.status], [202, 202])
    for (const answer of [created, replayed, await api.get('/v1/nothing', page), await api.post('/v1/jobs', {}, page)]) {
      assert.equal(answer.headers['access-control-allow-origin'], origin)
      assert.match(answer.headers.vary ?? '', /origin/i)
      for (const name of ['Location', 'Retry-After', 'X-Request-Id', 'Idempotent-Replayed'])
        assert.ok(answer.headers['access-control-expose-headers']?.split(', ').includes(name), name)
    }
    assert.equal((await api.get('/v1/jobs', { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' })).status, 200)
  })

  it('CORS_ORIGINS answers their preflights, with the headers that they ask for', async () => {
    const asked = { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization, idempotency-key' }
    for (const url of ['/v1/jobs', '/v1/jobs/job_x', '/v1/datasets']) {
      const { status, headers } = await api.send({ method: 'OPTIONS', url, headers: asked })
      assert.equal(status, 204)
      assert.equal(headers['access-control-allow-origin'], origin)
      assert.match(headers['access-control-allow-methods'] ?? '', /DELETE/)
      assert.equal(headers['access-control-allow-headers'], 'authorization, idempotency-key')
    }
  })

  it('CORS_ORIGINS opens nothing for other origins, and no other host', async () => {
    for (const other of ['https://app.example.evil', 'http://app.example', 'https://app.example:8443', 'null']) {
      const answer = await api.get('/v1/jobs', { origin: other })
      assertProblem(answer, 403, 'ORIGIN_NOT_ALLOWED')
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
    assertProblem(await api.get('/v1/jobs', { ...page, host: 'evil.example' }), 403, 'HOST_NOT_ALLOWED')
    assertProblem(await api.send({ method: 'OPTIONS', url: '/v1/jobs' }), 405, 'METHOD_NOT_ALLOWED')
  })
})

describe('a service with keys', () => {
  const apiKeys = [{ tenant: 'ann', secret: 'first' }]
  const key = { authorization: 'Bearer first' }

  it('a service with keys answers under any name, since a page cannot know the key', async () => {
    const api = await openTestApi({ apiKeys, corsOrigins: ['https://app.example'] })
    try {
      assert.equal((await api.get('/v1/jobs', { ...key, host: 'api:3000' })).status, 200)
      const foreign = await api.get('/v1/jobs', { ...key, host: 'api:3000', origin: 'https://evil.example' })
      assert.equal(foreign.headers['access-control-allow-origin'], undefined, 'no page of another origin may read it')
      assertProblem(await api.post('/v1/jobs', notebook(), { origin: 'https://evil.example' }), 401, 'UNAUTHENTICATED')
      const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
      assert.equal((await api.send({ method: 'OPTIONS', url: '/v1/jobs', headers: preflight })).status, 204, 'a preflight carries no key')
      assert.equal(
        (await api.get('/v1/jobs', { origin: 'https://app.example' })).headers['access-control-allow-origin'],
        'https://app.example',
      )
    } finally {
      await api.close()
    }
  })

  it('a service with keys keeps to ALLOWED_HOSTS where it is set', async () => {
    const api = await openTestApi({ apiKeys, allowedHosts: ['api'] })
    try {
      for (const host of ['api:3000', 'localhost']) assert.equal((await api.get('/v1/jobs', { ...key, host })).status, 200)
      assertProblem(await api.get('/v1/jobs', { ...key, host: 'evil.example' }), 403, 'HOST_NOT_ALLOWED')
    } finally {
      await api.close()
    }
  })
})
