/** POST /v1/datasets with the `url` of JSON. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openTestApi, type TestApi } from '../../support/api.ts'

const rows = Array.from({ length: 500 }, (_, at) => ({ x: at, y: at % 7 }))
const arrays = { features: rows.map(({ x }) => [x]), labels: rows.map(({ y }) => [y]) }
const json = 'application/json; charset=utf-8'

/** What the host serves by path: a media type, and a file. */
const files: Record<string, [type: string, file: string | Buffer]> = {
  '/rows.json': ['application/octet-stream', JSON.stringify(rows)],
  '/rows': [json, JSON.stringify({ rows })],
  '/lines': ['application/x-ndjson', rows.map((row) => JSON.stringify(row)).join('\n')],
  '/table.csv': [json, `x,y\n${rows.map(({ x, y }) => `${x},${y}\n`).join('')}`],
  '/arrays.json.gz': ['application/gzip', gzipSync(JSON.stringify(arrays))],
  '/spec.json': [json, JSON.stringify({ synthetic: { kind: 'linear', weights: [1], bias: 0, examples: 10 } })],
  '/broken.json': [json, '{"rows": [1,'],
  '/wrong.json': [json, '[{"x": 1}, {"x": {}}]'],
  '/named.json': [json, JSON.stringify({ rows, name: 'itself', url: 'x' })],
  '/large.json': [json, JSON.stringify('x'.repeat(2 ** 20))],
  '/number.json': [json, '7'],
}
const host = createServer(({ url = '' }, response) => {
  const [type, file] = files[url] ?? ['text/plain', '']
  response.writeHead(200, { 'content-type': type }).end(file)
})

let api: TestApi
let origin: string
before(async () => {
  host.listen(0, '127.0.0.1')
  await once(host, 'listening')
  const { port } = host.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
  api = await openTestApi({ bodyLimit: 2 ** 19, importHosts: [`127.0.0.1:${port}`], outbound: { allowHttp: true, allowPrivate: true } })
})
after(async () => {
  host.close()
  host.closeAllConnections()
  await api.close()
})

/** How an import ends, and its dataset if there is one. */
const run = async (path: string, options = {}) => {
  const { status, body } = await api.post('/v1/datasets', { url: origin + path, ...options })
  assert.equal(status, 202, JSON.stringify(body))
  const over = (await api.get(`/v1/imports/${body.id}?wait=60&waitFor=end`)).body
  return { over, dataset: over.datasetId ? (await api.get(`/v1/datasets/${over.datasetId}`)).body : null }
}

it('JSON at a URL becomes the dataset that it would be as a body', async () => {
  const { contentHash } = (await api.post('/v1/datasets', { rows, labels: ['y'] })).body
  for (const path of ['/rows.json', '/rows', '/lines', '/table.csv']) {
    const { over, dataset } = await run(path, { labels: ['y'], name: 'fetched', metadata: { from: path } })
    assert.equal(over.status, 'succeeded', `${path} ${JSON.stringify(over.error)}`)
    assert.deepEqual([dataset.contentHash, dataset.name, dataset.metadata.from], [contentHash, 'fetched', path], path)
  }
  const { dataset } = await run('/arrays.json.gz')
  assert.deepEqual([dataset.rows, dataset.columns.map(({ role }: { role: string }) => role)], [500, ['feature', 'label']])
  assert.equal((await run('/spec.json')).dataset.synthetic.kind, 'linear')
})

it('JSON at a URL that is no table fails as its body would, and so does what cannot be said of JSON', async () => {
  const failures: [path: string, code: string, places: string][] = [
    ['/broken.json', 'MALFORMED_BODY', '/body'],
    ['/wrong.json', 'VALIDATION_FAILED', '/rows/1/x'],
    ['/number.json', 'VALIDATION_FAILED', '/body'],
    ['/named.json', 'VALIDATION_FAILED', '/name /url'],
    ['/large.json', 'BODY_TOO_LARGE', ''],
  ]
  for (const [path, code, places] of failures) {
    const { over, dataset } = await run(path, { name: 'said' })
    const told = over.error.errors.map((one: { path: string }) => one.path).join(' ')
    assert.deepEqual([over.status, over.error.code, told, dataset], ['failed', code, places, null], path)
  }
  const { error } = (await run('/rows.json', { delimiter: ';' })).over
  assert.deepEqual([error.code, error.errors[0].path], ['VALIDATION_FAILED', '/delimiter'])
  assert.equal((await run('/table.csv', { contentType: 'application/json' })).over.error.code, 'MALFORMED_BODY')
})
