/** The reference and the OpenAPI document: compressed, cached, and with the address that they were asked at. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi({ allowedHosts: ['trainyard.example'] })
})
after(() => api.close())

const raw = (url: string, headers = {}) => api.app.inject({ url, headers })
const large = ['/openapi.json', '/docs/js/scalar.js']
const pages = [...large, '/docs/']

it('static answers are compressed as the client likes, to the same bytes', async () => {
  for (const path of large) {
    const plain = await raw(path)
    assert.equal(plain.headers['content-encoding'], undefined)
    const brotli = await raw(path, { 'accept-encoding': 'gzip, deflate, br, zstd' })
    const zipped = await raw(path, { 'accept-encoding': 'gzip;q=0.5, br;q=0' })
    assert.deepEqual([brotli.headers['content-encoding'], zipped.headers['content-encoding']], ['br', 'gzip'], path)
    assert.equal(brotliDecompressSync(brotli.rawPayload).toString(), plain.payload)
    assert.equal(gunzipSync(zipped.rawPayload).toString(), plain.payload)
    assert.ok(brotli.rawPayload.length < 0.4 * plain.rawPayload.length)
    for (const answer of [plain, brotli, zipped]) {
      assert.match(String(answer.headers.vary), /accept-encoding/i)
      assert.equal(Number(answer.headers['content-length']), answer.rawPayload.length)
    }
  }
})

it('static answers are not sent again to a client that has them', async () => {
  for (const path of pages)
    for (const encoding of ['identity', 'br']) {
      const first = await raw(path, { 'accept-encoding': encoding })
      const { etag = '' } = first.headers
      assert.match(String(first.headers['cache-control']), /no-cache|max-age/)
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const second = await raw(path, { 'accept-encoding': encoding, 'if-none-match': known })
        assert.deepEqual([second.statusCode, second.payload, second.headers.etag], [304, '', etag], path)
      }
      assert.equal((await raw(path, { 'accept-encoding': encoding, 'if-none-match': '"other"' })).statusCode, 200)
    }
})

it('static answers name the server by the address that they were asked at', async () => {
  const servers = async (headers: object) => (await api.get('/openapi.json', headers as Record<string, string>)).body.servers
  assert.deepEqual(await servers({ host: 'LOCALHOST:3000' }), [{ url: 'http://localhost:3000' }])
  assert.deepEqual(await servers({ host: 'trainyard.example', 'x-forwarded-proto': 'https' }), [{ url: 'https://trainyard.example' }])
  assert.deepEqual(await servers({ host: '[::1]:3000', 'x-forwarded-proto': 'x' }), [{ url: 'http://[::1]:3000' }])
})

it('the document prefills no Idempotency-Key, so that an example can be sent twice', async () => {
  const { body } = await api.get('/openapi.json')
  type Parameter = { name: string; example?: unknown; schema: object }
  const parameters: Parameter[] = Object.values(body.components.parameters)
  const key = parameters.find(({ name }) => name === 'idempotency-key')
  assert.ok(key)
  assert.ok(key.example === undefined && !('examples' in key.schema) && !('default' in key.schema))
})

it('static answers leave every other answer as it is, event streams too', async () => {
  const { body: job } = await api.post('/v1/jobs', notebook())
  await api.post(`/v1/jobs/${job.id}/cancel`)
  const compressing = { 'accept-encoding': 'br, gzip' }
  for (const headers of [compressing, { ...compressing, accept: 'text/event-stream' }]) {
    const answer = await raw(`/v1/jobs/${job.id}/events`, headers)
    assert.equal(answer.statusCode, 200)
    assert.deepEqual([answer.headers['content-encoding'], answer.headers.etag], [undefined, undefined])
  }
})

it('miss no icon, which browsers ask for unasked, without a key too', async () => {
  const keyed = await openTestApi({ apiKeys: [{ tenant: 'ann', secret: 'first' }] })
  try {
    for (const { app } of [api, keyed]) {
      const { statusCode, payload, headers } = await app.inject('/favicon.ico')
      assert.deepEqual([statusCode, payload, headers['cache-control']], [204, '', 'public, max-age=86400'])
    }
  } finally {
    await keyed.close()
  }
})

it('static answers are refused where their address cannot be known', async () => {
  const keyed = await openTestApi({ apiKeys: [{ tenant: 'ann', secret: 'first' }] })
  try {
    for (const path of pages) assertProblem(await keyed.get(path, { host: 'a b' }), 400, 'MALFORMED_REQUEST')
    assert.equal((await keyed.get('/docs/', { host: 'anything.example' })).status, 200)
  } finally {
    await keyed.close()
  }
})
