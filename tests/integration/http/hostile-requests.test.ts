/** Requests that no honest client sends: each gets a problem that says what is wrong, and never a failure of ours. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

describe('hostile requests', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())

  const config = {
    dataset: { synthetic: { kind: 'linear', weights: [1], bias: 0, examples: 10 } },
    model: { layers: [{ type: 'dense', units: 1 }] },
    loss: { type: 'mse' },
    optimizer: { type: 'sgd', learningRate: 0.1 },
    training: { epochs: 1, batchSize: 5 },
  }
  const csv = { 'content-type': 'text/csv' }
  const form = { 'content-type': 'multipart/form-data; boundary=XX' }
  const part = (head: string, content: string): string => `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
  const file = part('name="file"; filename="a.csv"', 'x,y\n1,2\n')

  it('the API names every text of a body that no database can hold', async () => {
    const metadata = { 'a\0': 'x', b: '\0', c: '\ud800', d: 'fine \u{1f600} \\u0000' }
    const errors = assertProblem(await api.post('/v1/jobs', { ...config, metadata }), 422, 'VALIDATION_FAILED')
    assert.deepEqual(pathsOf(errors), ['/metadata/a\0', '/metadata/b', '/metadata/c'])
    assertProblem(await api.post('/v1/datasets', { rows: [{ 'x\0': 1 }] }), 422, 'VALIDATION_FAILED')
    assertProblem(await api.post('/v1/datasets', 'x\0,y\n1,2\n', csv), 422, 'VALIDATION_FAILED')
  })

  it('the API keeps text that only looks so', async () => {
    const metadata = { a: '\\u0000 \u{1f600}' }
    const { status, body } = await api.post('/v1/jobs', { ...config, metadata })
    assert.equal(status, 202)
    assert.deepEqual(body.metadata, metadata)
  })

  it('the API finds nothing by an id that is empty, very long or no text', async () => {
    for (const id of ['%00', 'a'.repeat(300), 'a%00b', '']) {
      assertProblem(await api.get(`/v1/jobs/${id}`), 404, 'NOT_FOUND')
      assertProblem(await api.remove(`/v1/datasets/${id}`), 404, 'NOT_FOUND')
    }
  })

  it('the API refuses query parameters that are no text or no finite number', async () => {
    for (const query of ['metadata[a]=%00', 'metadata[%00]=a', 'limit=1e999', 'limit=-1e999'])
      assertProblem(await api.get(`/v1/jobs?${query}`), 422, 'VALIDATION_FAILED')
    assertProblem(await api.get('/v1/jobs/job_x/events?after=9999999999'), 422, 'VALIDATION_FAILED')
  })

  it('looks at the method before the body', async () => {
    const xml = { 'content-type': 'application/xml' }
    for (const request of [
      { headers: xml, payload: '<a/>' },
      { headers: { 'content-type': 'application/json' }, payload: '{' },
    ])
      assertProblem(await api.send({ method: 'PUT', url: '/v1/jobs', ...request }), 405, 'METHOD_NOT_ALLOWED')
    assertProblem(await api.send({ method: 'POST', url: '/v1/nothing', headers: xml, payload: '<a/>' }), 404, 'NOT_FOUND')
  })

  it('the API tells a missing dataset body from a wrong one', async () => {
    assertProblem(await api.post('/v1/datasets'), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/datasets', '', { 'content-type': 'application/json' }), 400, 'MALFORMED_BODY')
    assertProblem(await api.post('/v1/datasets', 'null', { 'content-type': 'application/json' }), 422, 'VALIDATION_FAILED')
  })

  it('the API takes files only where datasets are made, and compressed ones only as they can be read', async () => {
    assertProblem(await api.post('/v1/jobs', 'x,y\n1,2\n', csv), 415, 'UNSUPPORTED_MEDIA_TYPE')
    assertProblem(await api.post('/v1/datasets', 'x', { ...csv, 'content-encoding': 'br' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
  })

  it('the API does not repeat a deep value', async () => {
    const deep = `{"rows":[{"a":${'['.repeat(9000)}${']'.repeat(9000)}}]}`
    const [error] = assertProblem(await api.post('/v1/datasets', deep, { 'content-type': 'application/json' }), 422, 'VALIDATION_FAILED')
    assert.match(error?.path ?? '', /^\/rows\/0\/a\/0/)
    assert.equal(error?.value, undefined)
  })

  it('the API refuses a table of more columns than anything could describe', async () => {
    const width = 250_001
    const row = Array.from({ length: width }, () => 1)
    const [error] = assertProblem(await api.post('/v1/datasets', { features: [row], labels: [[1]] }), 422, 'VALIDATION_FAILED')
    assert.deepEqual([error?.path, error?.code], ['/features/0', 'too_many_columns'])
    const names = row.map((_, at) => `c${at}`)
    const [line] = assertProblem(await api.post('/v1/datasets', `${names}\n${row}\n`, csv), 422, 'VALIDATION_FAILED')
    assert.deepEqual([line?.path, line?.code, line?.line], ['/columns', 'too_many_columns', 1])
  })

  it('the API refuses a file that is one endless row', async () => {
    const endless = `x,y\n${'1'.repeat(33 * 2 ** 20)}`
    assertProblem(await api.post('/v1/datasets', endless, csv), 400, 'MALFORMED_BODY')
  })

  it('lists validation errors of options and of rows together', async () => {
    const body = { rows: [{ a: 1 }, { a: [] }], features: ['b'], inputShape: [1, 1] }
    const errors = assertProblem(await api.post('/v1/datasets', body), 422, 'VALIDATION_FAILED')
    assert.deepEqual(pathsOf(errors), ['/features/0', '/rows/1/a'])
  })

  it('the API checks options in the query as it checks those of a form', async () => {
    for (const query of ['inputShape=0', 'inputShape=99999999999', 'inputShape=1,1,1,1,1', 'features=x,x', 'features=x,,y'])
      assertProblem(await api.post(`/v1/datasets?${query}`, 'x,y\n1,2\n', csv), 422, 'VALIDATION_FAILED')
  })

  it('the API reads options that come as a file, before or behind the table', async () => {
    const options = part('name="options"; filename="blob"\r\nContent-Type: application/json', '{"features":["x"],"labels":["y"]}')
    for (const parts of [file + options, options + file]) {
      const { status, body } = await api.post('/v1/datasets', `${parts}--XX--\r\n`, form)
      assert.equal(status, 201, JSON.stringify(body))
      assert.deepEqual(
        body.columns.map(({ role }: { role: string }) => role),
        ['feature', 'label'],
      )
    }
  })

  it('stores nothing of a form with a second file or a strange part', async () => {
    const count = async () => (await api.get('/v1/datasets?limit=100')).body.data.length
    const stored = await count()
    for (const parts of [file + file, file + part('name="__proto__"', '1')])
      assertProblem(await api.post('/v1/datasets', `${parts}--XX--\r\n`, form), 422, 'VALIDATION_FAILED')
    assert.equal(await count(), stored)
  })

  describe('on the wire', () => {
    let port: number
    before(async () => {
      await api.app.listen({ host: '127.0.0.1', port: 0 })
      port = (api.app.server.address() as AddressInfo).port
    })

    const exchange = async (request: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(request)
      return text(socket)
    }

    it('on the wire answers headers that are too large, and what is no HTTP, with problems', async () => {
      const large = await exchange(`GET / HTTP/1.1\r\nhost: localhost\r\nx-large: ${'a'.repeat(40_000)}\r\n\r\n`)
      assert.match(large, /^HTTP\/1\.1 431 .*application\/problem\+json.*"code":"HEADERS_TOO_LARGE"/s)
      assert.match(await exchange('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"MALFORMED_REQUEST"/s)
    })

    it('on the wire answers a request that is whole before it refuses what comes behind it', async () => {
      const body = '{"rows":[{"x":1},{"x":2}]}'
      const post = (more: string) =>
        `POST /v1/datasets HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`
      const behind = await exchange(`${post('')}nonsense\r\n\r\nmore of it`)
      assert.match(behind, /^HTTP\/1\.1 201 .*"kind":"upload".*HTTP\/1\.1 400 .*"code":"MALFORMED_REQUEST".*\}$/s)
      assert.equal(behind.match(/HTTP\/1\.1 /g)?.length, 2)
      // Each of those that are whole, in their order.
      const both = await exchange(`${post('')}${post('')}\0\0\0\0`)
      assert.deepEqual(both.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 201', 'HTTP/1.1 201', 'HTTP/1.1 400'])
      // One that said it would be the last is.
      assert.deepEqual((await exchange(`${post('connection: close\r\n')}nonsense`)).match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 201'])
      // One that is broken itself is refused at once.
      const chunked =
        'POST /v1/datasets HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'
      assert.match(await exchange(chunked), /^HTTP\/1\.1 400 /)
    })

    it('on the wire refuses a method that it does not know, with the ones that it does', async () => {
      const answer = await exchange('QUERY /v1/jobs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
      assert.match(answer, /^HTTP\/1\.1 405 .*allow: GET, HEAD, POST\r\n.*"code":"METHOD_NOT_ALLOWED"/is)
    })

    it('ignores an expectation that it does not know', async () => {
      assert.match(
        await exchange('GET /healthz HTTP/1.1\r\nhost: localhost\r\nexpect: tea\r\nconnection: close\r\n\r\n'),
        /^HTTP\/1\.1 200 /,
      )
    })
  })
})
