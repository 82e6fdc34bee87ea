/** Keys that are made and revoked by requests. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { composeApi } from '../../../src/compose-api.ts'
import { createDatabase } from '../../../src/platform/db/database-client.ts'
import { promptLimits } from '../../../src/platform/pool.ts'
import { type Answer, assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { openProxy } from '../../support/tcp-proxy.ts'
import { notebook } from '../../support/worker.ts'

const apiKeys = [
  { tenant: 'ann', secret: 'a' },
  { tenant: 'bob', secret: 'b' },
]
const ann = { authorization: 'Bearer a' }
const bob = { authorization: 'Bearer b' }

let api: TestApi
before(async () => {
  api = await openTestApi({ apiKeys })
})
after(() => api.close())

const make = async (request: object = {}): Promise<{ id: string; secret: string; headers: Record<string, string> }> => {
  const { status, body } = await api.post('/v1/keys', { scope: 'write', ...request }, ann)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...body, headers: { authorization: `Bearer ${body.secret}` } }
}

/** Asks until the answer is as wanted: changes take effect within a second or two. */
const until = async (ask: () => Promise<Answer>, isWanted: (answer: Answer) => boolean): Promise<Answer> => {
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a key', () => {
  it('is told once with its secret, which is nowhere else, and says of itself what it may', async () => {
    const expiresAt = '2999-01-01T00:00:00.000Z'
    const { status, headers, body } = await api.post('/v1/keys', { name: 'reports', scope: 'read', expiresAt, rateLimit: 500 }, ann)
    assert.equal(status, 201)
    const { secret, ...key } = body
    assert.equal(headers.location, `/v1/keys/${key.id}`)
    assert.match(secret, /^ty_[0-9a-z]{26}_[\w-]{43}$/)
    assert.deepEqual(key, {
      id: key.id,
      tenant: 'ann',
      name: 'reports',
      scope: 'read',
      rateLimit: 500,
      createdAt: key.createdAt,
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    })
    assert.deepEqual((await api.get(`/v1/keys/${key.id}`, ann)).body, key)
    assert.deepEqual((await api.get('/v1/keys?limit=1', ann)).body.data, [key])
    const current = (await api.get('/v1/keys/current', { 'x-api-key': secret })).body
    assert.deepEqual(current, { id: key.id, tenant: 'ann', name: 'reports', scope: 'read', rateLimit: 500, expiresAt })
    const rows = await api.bench.database.prisma.$queryRaw`select * from "ApiKey"`
    assert.ok(!JSON.stringify(rows).includes(secret) && !JSON.stringify(rows).includes(secret.slice(30)))
  })

  it('is made once however often the request is repeated, and a repeat does not have the secret', async () => {
    const headers = { ...ann, 'idempotency-key': 'one-key' }
    const { body: first } = await api.post('/v1/keys', { scope: 'read' }, headers)
    const again = await until(
      () => api.post('/v1/keys', { scope: 'read' }, headers),
      ({ status }) => status !== 409,
    )
    assert.equal(again.headers['idempotent-replayed'], 'true')
    const { secret, ...key } = first
    assert.deepEqual([again.status, again.body], [201, key])
    const kept = await api.bench.database.prisma.$queryRaw`select * from "IdempotencyKey"`
    assert.ok(!JSON.stringify(kept).includes(secret))
  })

  it('is refused with what is wrong about it, all at once', async () => {
    const wrong = { scope: 'root', name: '', expiresAt: 'soon', rateLimit: 0, more: 1 }
    const errors = assertProblem(await api.post('/v1/keys', wrong, ann), 422, 'VALIDATION_FAILED')
    assert.deepEqual([...new Set(pathsOf(errors))], ['/expiresAt', '/more', '/name', '/rateLimit', '/scope'])
    for (const expiresAt of ['2020-01-01T00:00:00Z', '1970-01-01t00:00:00z', '2016-12-31T23:59:60Z'])
      assert.deepEqual(pathsOf(assertProblem(await api.post('/v1/keys', { scope: 'read', expiresAt }, ann), 422, 'VALIDATION_FAILED')), [
        '/expiresAt',
      ])
    assertProblem(await api.post('/v1/keys', undefined, ann), 400, 'MALFORMED_BODY')
  })

  it('notes when it was last shown', async () => {
    const { id, headers } = await make()
    await api.get('/v1/jobs', headers)
    const { body } = await until(
      () => api.get(`/v1/keys/${id}`, ann),
      ({ body }) => body.lastUsedAt !== null,
    )
    assert.ok(Date.parse(body.lastUsedAt) >= Date.parse(body.createdAt))
  })

  it('is not named current: that path has no method but its own', async () => {
    for (const method of ['DELETE', 'POST', 'OPTIONS'] as const) {
      const answer = await api.send({ method, url: '/v1/keys/current?x=1', headers: ann })
      assertProblem(answer, 405, 'METHOD_NOT_ALLOWED')
      assert.equal(answer.headers.allow, 'GET, HEAD')
    }
  })

  it('is refused with a secret that is nearly its own', async () => {
    const { secret } = await make()
    const other = secret.endsWith('A') ? 'B' : 'A'
    for (const near of [secret.slice(0, -1), secret.slice(0, -1) + other, `${secret}A`, secret.toUpperCase(), secret.replace('ty_', 'ty')])
      assertProblem(await api.get('/v1/jobs', { authorization: `Bearer ${near}` }), 401, 'UNAUTHENTICATED')
  })
})

describe('a key that is revoked', () => {
  it('is refused soon after by every process, says since when, and stays in the list', async () => {
    const other = await composeApi({ infrastructure: api.bench, config: { apiKeys, bodyLimit: 2 ** 20 } })
    try {
      const { id, headers } = await make()
      const ask = async (): Promise<Answer> => {
        const { statusCode, headers: sent, body } = await other.inject({ url: '/v1/jobs', headers })
        return { status: statusCode, headers: sent as Record<string, string>, body: JSON.parse(body) }
      }
      assert.equal((await ask()).status, 200)
      assert.equal((await api.get('/v1/jobs', headers)).status, 200)
      assert.equal((await api.remove(`/v1/keys/${id}`, ann)).status, 204)
      for (const answer of [
        await until(ask, ({ status }) => status === 401),
        await until(
          () => api.get('/v1/jobs', headers),
          ({ status }) => status === 401,
        ),
      ]) {
        assertProblem(answer, 401, 'UNAUTHENTICATED')
        assert.match(answer.body.detail, /was revoked at 2/)
      }
      assert.equal((await api.remove(`/v1/keys/${id}`, ann)).status, 204)
      assert.ok((await api.get(`/v1/keys/${id}`, ann)).body.revokedAt)
      assertProblem(await api.remove(`/v1/keys/${id}`, bob), 404, 'NOT_FOUND')
    } finally {
      await other.close()
    }
  })

  it('ends the event streams and the waits that were begun with it, and those of no other', { timeout: 60_000 }, async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = api.app.server.address() as AddressInfo
    const open = async (path: string, headers: Record<string, string>): Promise<IncomingMessage> => {
      const [response] = (await once(httpGet({ port, path, headers: { ...headers, accept: 'text/event-stream' } }), 'response')) as [
        IncomingMessage,
      ]
      return response.on('error', () => {}).resume()
    }
    const { body: job } = await api.post('/v1/jobs', notebook(), ann)
    const [leaving, staying] = [await make(), await make()]
    const stream = await open(`/v1/jobs/${job.id}/events`, leaving.headers)
    const other = await open(`/v1/jobs/${job.id}/events`, staying.headers)
    // Refused, if it comes late.
    const waiting = new Promise((resolve) =>
      httpGet({ port, path: `/v1/jobs/${job.id}?wait=60`, headers: leaving.headers }, resolve).once('error', resolve),
    )
    const ended = new Promise((resolve) => stream.once('close', resolve))
    await api.remove(`/v1/keys/${leaving.id}`, ann)
    await Promise.all([ended, waiting])
    assert.ok(!other.closed)
    other.destroy()
  })

  it('is refused too once its time is over', async () => {
    const { id, headers } = await make({ expiresAt: '2999-01-01T00:00:00Z' })
    await api.bench.database.prisma.$executeRaw`update "ApiKey" set "expiresAt" = now() - interval '1 second' where id = ${id}`
    const answer = await api.get('/v1/jobs', headers)
    assertProblem(answer, 401, 'UNAUTHENTICATED')
    assert.match(answer.body.detail, /expired at 2/)
  })
})

it('a tenant has at most 1000 keys in force, and of the others the newest 100 stay', async () => {
  await api.bench.database.prisma.$executeRaw`
    insert into "ApiKey" (id, tenant, hash, scope, "revokedAt")
    select 'key_' || lpad(n::text, 26, '0'), 'bob', ''::bytea, 'read', case when n > 1000 then now() + n * interval '1 ms' end
    from generate_series(1, 1200) n`
  assertProblem(await api.post('/v1/keys', { scope: 'read' }, bob), 409, 'CONFLICT')
  await api.remove(`/v1/keys/key_${'1'.padStart(26, '0')}`, bob)
  assert.equal((await api.post('/v1/keys', { scope: 'read' }, bob)).status, 201)
  const [row] = await api.bench.database.prisma.$queryRaw<{ dead: number }[]>`
    select count(*)::int as dead from "ApiKey" where tenant = 'bob' and "revokedAt" is not null`
  assert.equal(row?.dead, 100)
  assert.deepEqual((await api.get('/v1/keys?limit=100', bob)).body.hasMore, true)
})

it('an open service makes no keys, and says what to do', async () => {
  const open = await openTestApi()
  try {
    const answer = await open.post('/v1/keys', { scope: 'read' })
    assertProblem(answer, 409, 'CONFLICT')
    assert.match(answer.body.detail, /API_KEYS/)
    assert.deepEqual((await open.get('/v1/keys')).body.data, [])
    assert.deepEqual((await open.get('/v1/keys/current')).body.scope, 'admin')
  } finally {
    await open.close()
  }
})

it('while the database is away keys of the environment are known, and stored ones are a 503', { timeout: 60_000 }, async () => {
  const { headers } = await make()
  const proxy = await openProxy(api.bench.url)
  const database = createDatabase(proxy.url, { limits: promptLimits })
  const app = await composeApi({ infrastructure: { ...api.bench, database }, config: { apiKeys, bodyLimit: 2 ** 20 } })
  const ask = async (sent: Record<string, string>): Promise<Answer> => {
    const { statusCode, headers: got, body } = await app.inject({ url: '/v1/catalog', headers: sent })
    return { status: statusCode, headers: got as Record<string, string>, body: JSON.parse(body) }
  }
  try {
    proxy.cut()
    assert.equal((await ask(ann)).status, 200)
    assertProblem(await ask(headers), 503, 'UNAVAILABLE')
    assertProblem(await ask({ authorization: 'Bearer nobody' }), 401, 'UNAUTHENTICATED')
    proxy.restore()
    assert.equal(
      (
        await until(
          () => ask(headers),
          ({ status }) => status !== 503,
        )
      ).status,
      200,
    )
  } finally {
    await app.close()
    await database.close()
    await proxy.close()
  }
})
