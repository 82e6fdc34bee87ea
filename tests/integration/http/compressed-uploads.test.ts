/** Bodies with a Content-Encoding: what they come to, and what becomes of those that are broken, endless or unknown. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { hugeWindow, rawZstd, zstdBomb } from '../../support/zstd-frames.ts'

const table = `a,y\n${Array.from({ length: 3000 }, (_, row) => `${row % 7},${(row % 7) * 2}\n`).join('')}`
/** The same table by the reference implementation, level 19 with a checksum. */
const compressedTable = Buffer.from('KLUv/WQ8MS0BABLCBgzQ5wAKRUdERKpp8hgSWyGu3lR7SkvlKAzNMQEAwZCBV0/BQhIC', 'base64')
const csv = { 'content-type': 'text/csv' }
const encoded = (encoding: string, headers: object = csv) => ({ ...headers, 'content-encoding': encoding })

describe('a body with a Content-Encoding', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi({ bodyLimit: 2 ** 20 * 8 })
  })
  after(() => api.close())

  const upload = (payload: string | Buffer, headers: Record<string, string>) =>
    api.send({ method: 'POST', url: '/v1/datasets', payload, headers })
  const hashOf = async (payload: string | Buffer, headers: Record<string, string>): Promise<string> => {
    const { status, body } = await upload(payload, headers)
    assert.equal(status, 201, JSON.stringify(body))
    return body.contentHash
  }

  it('a file or JSON that is compressed by gzip or Zstandard is the table that it was before', async () => {
    const form = { 'content-type': 'multipart/form-data; boundary=edge' }
    const part = `--edge\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n${table}\r\n--edge--\r\n`
    const rows = JSON.stringify({ rows: Array.from({ length: 3000 }, (_, row) => ({ a: row % 7, y: (row % 7) * 2 })) })
    const json = { 'content-type': 'application/json' }
    const plain = await hashOf(table, csv)
    for (const [what, payload, headers] of [
      ['gzip', gzipSync(table), encoded('gzip')],
      ['an old name', gzipSync(table), encoded('X-GZip')],
      ['two members', Buffer.concat([gzipSync(table.slice(0, 5000)), gzipSync(table.slice(5000))]), encoded('gzip')],
      ['zstd of the reference', compressedTable, encoded('zstd')],
      [
        'zstd frame after frame',
        Buffer.concat([rawZstd(Buffer.from(table.slice(0, 5000))), rawZstd(Buffer.from(table.slice(5000)), { size: 7 })]),
        encoded('zstd'),
      ],
      ['a form', gzipSync(part), encoded('gzip', form)],
      ['JSON', gzipSync(rows), encoded('gzip', json)],
      ['JSON in zstd', rawZstd(Buffer.from(rows)), encoded('zstd', json)],
      ['identity', table, encoded('identity')],
    ] as [string, string | Buffer, Record<string, string>][])
      assert.equal(await hashOf(payload, headers), plain, what)
  })

  it('a compressed body that is cut off or was never one is a malformed body, and nothing is stored of it', async () => {
    const before = (await api.get('/v1/datasets?limit=100')).body.data.length
    const zipped = gzipSync(table)
    for (const [payload, headers] of [
      [zipped.subarray(0, -10), encoded('gzip')],
      [zipped.subarray(0, 5), encoded('gzip')],
      [Buffer.from(table), encoded('gzip')],
      [Buffer.concat([zipped.subarray(0, 200), Buffer.from('garbage'), zipped.subarray(207)]), encoded('gzip')],
      [compressedTable.subarray(0, -10), encoded('zstd')],
      [Buffer.from(table), encoded('zstd')],
      [Buffer.from([0x28]), encoded('zstd')],
      [rawZstd(Buffer.from(table)).subarray(0, -1), encoded('zstd')],
      [rawZstd(Buffer.from(table), { window: hugeWindow }), encoded('zstd')],
      [gzipSync('{"rows": [{"x": 1}]}').subarray(0, -4), encoded('gzip', { 'content-type': 'application/json' })],
    ] as [Buffer, Record<string, string>][]) {
      const [error] = assertProblem(await upload(payload, headers), 400, 'MALFORMED_BODY')
      assert.match(error?.code ?? '', /^malformed_(gzip|zstd)$/)
    }
    assert.equal((await api.get('/v1/datasets?limit=100')).body.data.length, before)
  })

  it('a compressed body that grows without measure is refused before it is read to its end', async () => {
    const json = { 'content-type': 'application/json' }
    for (const [payload, encoding] of [
      [gzipSync(Buffer.alloc(9 * 2 ** 20, ' ')), 'gzip'],
      [zstdBomb(20_000), 'zstd'],
    ] as [Buffer, string][])
      assertProblem(await upload(payload, encoded(encoding, json)), 413, 'BODY_TOO_LARGE')
  })

  it('a body in an encoding that nobody here knows is refused, as is any encoding where no table is expected', async () => {
    const refused = async (url: string, headers: Record<string, string>) =>
      assertProblem(await api.send({ method: 'POST', url, payload: gzipSync('{}'), headers }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    for (const encoding of ['br', 'deflate', 'gzip, zstd', 'gzip, gzip', 'nonsense']) {
      const [error] = await refused('/v1/datasets', encoded(encoding))
      assert.equal(error?.path, '/content-encoding')
      assert.match(error?.message ?? '', /gzip or zstd/)
    }
    await refused('/v1/jobs', encoded('gzip', { 'content-type': 'application/json' }))
  })
})
