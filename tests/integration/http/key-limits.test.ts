/** How many requests a key may send in a minute. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'

const ann = { authorization: 'Bearer a' }
const bob = { authorization: 'Bearer b' }

let limited: TestApi
before(async () => {
  limited = await openTestApi({
    apiKeys: [
      { tenant: 'ann', secret: 'a' },
      { tenant: 'bob', secret: 'b' },
    ],
    operatorKeys: [{ tenant: 'olga', secret: 'o' }],
    rateLimit: 3,
  })
})
after(() => limited.close())

it('each key is told what is left, and over it gets 429 with the seconds to wait', async () => {
  for (const left of [2, 1, 0]) {
    const { status, headers } = await limited.get('/v1/jobs', ann)
    assert.equal(status, 200)
    assert.equal(headers['ratelimit-policy'], '"key";q=3;w=60')
    assert.match(headers.ratelimit ?? '', new RegExp(`^"key";r=${left};t=\\d+$`))
  }
  const refused = await limited.get('/v1/jobs', ann)
  assertProblem(refused, 429, 'RATE_LIMITED')
  assert.match(refused.headers['retry-after'] ?? '', /^([1-9]|[1-5]\d|60)$/)
  assert.match(refused.headers.ratelimit ?? '', /^"key";r=0;t=\d+$/)
  assert.equal((await limited.get('/v1/jobs', bob)).status, 200)
})

it('a key may have a limit of its own, which others of its tenant do not use up', async () => {
  const { body: key } = await limited.post('/v1/keys', { scope: 'read', rateLimit: 5 }, bob)
  for (const expected of [200, 200, 200, 200, 200, 429])
    assert.equal((await limited.get('/v1/jobs', { authorization: `Bearer ${key.secret}` })).status, expected)
  assert.equal((await limited.get('/v1/jobs', bob)).status, 200)
})

it('operators are not counted, and their answers say nothing of it', async () => {
  for (let count = 0; count < 5; count++) {
    const { status, headers } = await limited.get('/v1/jobs', { authorization: 'Bearer o', 'x-tenant': 'ann' })
    assert.deepEqual([status, headers.ratelimit, headers['ratelimit-policy']], [200, undefined, undefined])
  }
})
