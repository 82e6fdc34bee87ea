/** POST /v1/datasets with a `url`, and /v1/imports: tables that a host of this machine serves. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { maxOpenImports } from '../../../src/api/import.schema.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'

const table = `x,y\n${Array.from({ length: 500 }, (_, at) => `${at},${at % 7}`).join('\n')}\n`
const parquet = readFileSync(new URL('../../fixtures/tables/all-types-snappy.parquet', import.meta.url))
const key = (tenant: string) => ({ authorization: `Bearer secret-of-${tenant}` })

describe('imports by URL', () => {
  let api: TestApi
  let stored: TestDatabase
  let port = 0
  /** Answers that were begun and wait for their end. */
  const open: ServerResponse[] = []
  let onOpen = (): void => {}
  const csv = { 'content-type': 'text/csv; charset=utf-8' }
  const answers: Record<string, (response: ServerResponse) => unknown> = {
    '/table.csv': (response) => response.writeHead(200, csv).end(table),
    '/table': (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(table),
    '/packed.csv.gz': (response) => response.writeHead(200, { 'content-type': 'application/gzip' }).end(gzipSync(table)),
    '/encoded': (response) => response.writeHead(200, { ...csv, 'content-encoding': 'gzip' }).end(gzipSync(table)),
    '/tabs.tsv': (response) => response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(table.replaceAll(',', '\t')),
    '/types.parquet': (response) => response.writeHead(200).end(parquet),
    '/moved': (response) => response.writeHead(302, { location: '/table.csv' }).end(),
    '/elsewhere': (response) => response.writeHead(302, { location: 'http://localhost/table.csv' }).end(),
    '/ragged.csv': (response) => response.writeHead(200, csv).end('x,y\n1,2\n3\n'),
    '/page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    '/broken.csv': (response) => response.writeHead(200, { ...csv, 'content-length': 99 }).write('x,y\n', () => response.destroy()),
    '/half.csv.gz': (response) => response.writeHead(200).end(gzipSync(table).subarray(0, 60)),
    '/brotli': (response) => response.writeHead(200, { ...csv, 'content-encoding': 'br' }).end('x'),
    '/large.csv': (response) => response.writeHead(200, { ...csv, 'content-length': 2 ** 40 }).write('x,y\n'),
    '/bomb.csv.gz': (response) => response.writeHead(200).end(gzipSync(Buffer.alloc(2 ** 26, '1,2\n'))),
    '/begun.csv': (response) => {
      response.writeHead(200, csv).write(table)
      open.push(response)
      onOpen()
    },
  }
  const source = createServer(({ url = '' }, response) => void (answers[url] ?? ((one) => one.writeHead(404).end()))(response))
  const openApi = (others = {}) =>
    openTestApi({
      bodyLimit: 2 ** 19,
      importHosts: [`127.0.0.1:${port}`],
      outbound: { allowHttp: true, allowPrivate: true },
      apiKeys: ['ann', 'ben', 'cat'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })),
      stored: { ...stored, close: async () => {} },
      ...others,
    })
  before(async () => {
    stored = await createTestDatabase()
    source.listen(0, '127.0.0.1')
    await once(source, 'listening')
    port = (source.address() as AddressInfo).port
    api = await openApi()
  })
  after(async () => {
    source.close()
    source.closeAllConnections()
    await api.close()
    await stored.close()
  })

  const begin = (path: string, options = {}, headers = {}) =>
    api.post('/v1/datasets', { url: `http://127.0.0.1:${port}${path}`, ...options }, { ...key('ann'), ...headers })
  const end = async (id: string, from = api) => (await from.get(`/v1/imports/${id}?wait=30&waitFor=end`, key('ann'))).body
  const run = async (path: string, options = {}) => {
    const { status, body } = await begin(path, options)
    assert.equal(status, 202, JSON.stringify(body))
    return end(body.id)
  }
  const begun = () =>
    new Promise<void>((done) => {
      onOpen = done
    })

  it('a table at a URL becomes the dataset that its upload would be', async () => {
    const asked = await begin('/table.csv', { labels: ['y'], name: 'far', metadata: { from: 'afar' } })
    assert.deepEqual([asked.status, asked.headers['retry-after']], [202, '1'])
    assert.equal(asked.headers.location, `/v1/imports/${asked.body.id}`)
    const over = await end(asked.body.id)
    assert.deepEqual([over.status, over.bytesRead, over.error], ['succeeded', table.length, null])
    const made = (await api.get(`/v1/datasets/${over.datasetId}`, key('ann'))).body
    const sent = (await api.post('/v1/datasets?labels=y', table, { ...key('ann'), 'content-type': 'text/csv' })).body
    assert.deepEqual([made.contentHash, made.name, made.metadata], [sent.contentHash, 'far', { from: 'afar' }])
    assert.deepEqual((await api.get('/v1/imports?limit=1', key('ann'))).body.data, [over])
    assertProblem(await api.get(`/v1/imports/${over.id}`, key('ben')), 404, 'NOT_FOUND')
    assertProblem(await api.post(`/v1/imports/${over.id}/cancel`, undefined, key('ann')), 409, 'CONFLICT')
    assert.equal((await api.remove(`/v1/imports/${over.id}`, key('ann'))).status, 204)
    assertProblem(await api.get(`/v1/imports/${over.id}`, key('ann')), 404, 'NOT_FOUND')
    assert.equal((await api.get(`/v1/datasets/${over.datasetId}`, key('ann'))).status, 200)
  })

  it('what a file is follows from its request, its host, or its name, and so does its compression', async () => {
    for (const path of ['/table', '/packed.csv.gz', '/encoded', '/tabs.tsv', '/moved', '/types.parquet']) {
      const { status, datasetId, error } = await run(path)
      assert.equal(status, 'succeeded', `${path} ${JSON.stringify(error)}`)
      const { rows } = (await api.get(`/v1/datasets/${datasetId}`, key('ann'))).body
      if (path !== '/types.parquet') assert.equal(rows, 500, path)
    }
    const said = await run('/page', { contentType: 'text/csv' })
    assert.deepEqual(
      [said.error.code, (await run('/table', { contentType: 'text/csv', delimiter: ';' })).status],
      ['VALIDATION_FAILED', 'succeeded'],
    )
  })

  it('an import that fails says why, as an upload would, and stores nothing', async () => {
    const before = (await api.get('/v1/datasets?limit=100', key('ann'))).body.data.length
    const failures: Record<string, string> = {
      '/nothing': 'SOURCE_STATUS',
      '/elsewhere': 'SOURCE_NOT_ALLOWED',
      '/ragged.csv': 'VALIDATION_FAILED',
      '/page': 'UNSUPPORTED_MEDIA_TYPE',
      '/broken.csv': 'SOURCE_UNREACHABLE',
      '/half.csv.gz': 'MALFORMED_BODY',
      '/brotli': 'UNSUPPORTED_MEDIA_TYPE',
      '/large.csv': 'BODY_TOO_LARGE',
      '/bomb.csv.gz': 'BODY_TOO_LARGE',
    }
    for (const [path, code] of Object.entries(failures)) {
      const { status, error, datasetId } = await run(path)
      assert.deepEqual([status, error.code, datasetId], ['failed', code, null], `${path} ${JSON.stringify(error)}`)
      assert.ok(error.message.length > 10, path)
      if (path === '/ragged.csv') assert.equal(error.errors[0].line, 3)
    }
    assert.equal((await api.get('/v1/datasets?limit=100', key('ann'))).body.data.length, before)
  })

  it('a URL that may not be fetched is refused at once, and so is anything else that is wrong with the request', async () => {
    const codeOf = async (request: object) => {
      const [error] = assertProblem(await api.post('/v1/datasets', request, key('ann')), 422, 'VALIDATION_FAILED')
      return `${error?.path} ${error?.code}`
    }
    for (const [url, code] of [
      ['http://127.0.0.1/x.csv', 'host_not_allowed'],
      [`http://localhost:${port}/x.csv`, 'host_not_allowed'],
      [`http://me:secret@127.0.0.1:${port}/x.csv`, 'invalid_url'],
      [`ftp://127.0.0.1:${port}/x.csv`, 'scheme_not_allowed'],
      ['x.csv', 'invalid_url'],
      [7, 'type'],
      ['', 'minLength'],
    ] as const)
      assert.equal(await codeOf({ url }), `/url ${code}`)
    const url = `http://127.0.0.1:${port}/table.csv`
    assert.equal(await codeOf({ url, contentType: 'image/png' }), '/contentType unsupported_media_type')
    assert.equal(await codeOf({ url, contentEncoding: 'br' }), '/contentEncoding enum')
    assert.equal(await codeOf({ url, rows: [] }), '/rows unknown_field')
    assert.equal(await codeOf({ url, name: 'a\u0000' }), '/name text')
    assert.equal(await codeOf({ url, missing: Array.from({ length: 90 }, () => 'x'.repeat(4000)) }), '/url too_large')
  })

  it('an import that is cancelled ends at once, stores nothing, and hangs up', async () => {
    const isBegun = begun()
    const { body } = await begin('/begun.csv')
    await isBegun
    const hungUp = once(open.at(-1) ?? source, 'close')
    const { body: cancelled } = await api.post(`/v1/imports/${body.id}/cancel`, undefined, key('ann'))
    assert.equal(cancelled.status, 'cancelled')
    await hungUp
    const { status, datasetId } = await end(body.id)
    assert.deepEqual([status, datasetId], ['cancelled', null])
  })

  it('the same Idempotency-Key begins one import, and a tenant has so many at a time', async () => {
    const headers = { ...key('cat'), 'idempotency-key': 'once' }
    const first = await begin('/begun.csv', {}, headers)
    const again = await begin('/begun.csv', {}, headers)
    assert.deepEqual([again.status, again.body.id, again.headers['idempotent-replayed']], [202, first.body.id, 'true'])
    const others = await Promise.all(Array.from({ length: maxOpenImports }, () => begin('/begun.csv', {}, key('cat'))))
    assert.deepEqual(
      others
        .map(({ status }) => status)
        .sort()
        .at(-1),
      409,
    )
    assert.equal(others.filter(({ status }) => status === 202).length, maxOpenImports - 1)
    const open = (await api.get('/v1/imports?limit=100', key('cat'))).body.data
    for (const { id } of open) {
      assertProblem(await api.remove(`/v1/imports/${id}`, key('cat')), 409, 'CONFLICT')
      assert.equal((await api.post(`/v1/imports/${id}/cancel`, undefined, key('cat'))).body.status, 'cancelled')
    }
  })

  it('another process goes on with what one that ends or dies has begun', async () => {
    const isBegun = begun()
    const other = await openApi({ importHosts: [`127.0.0.1:${port}`] })
    const [ended, died] = [(await begin('/begun.csv')).body.id, 'imp_01kaf3m5d9v0q8c1x2y3z4w5a6']
    await isBegun
    answers['/begun.csv'] = (response) => response.writeHead(200, csv).end(table)
    // What a process that was killed a while ago leaves behind.
    await other.bench.database.prisma.import.create({
      data: {
        id: died,
        tenant: 'ann',
        url: `http://127.0.0.1:${port}/table.csv`,
        status: 'running',
        attempts: 1,
        leaseToken: '00000000-0000-4000-8000-000000000000',
        leaseUntil: new Date(Date.now() - 1000),
      },
    })
    await api.close()
    api = other
    for (const id of [ended, died]) assert.equal((await end(id)).status, 'succeeded', id)
  })

  it('without hosts to import from, a request says which setting is missing', async () => {
    const closed = await openApi({ importHosts: [] })
    try {
      const answer = await closed.post('/v1/datasets', { url: 'https://data.example/x.csv' }, key('ann'))
      const [error] = assertProblem(answer, 422, 'IMPORT_DISABLED')
      assert.equal(error?.path, '/url')
      assert.match(answer.body.detail, /IMPORT_HOSTS/)
    } finally {
      await closed.close()
    }
  })
})
