/** Parquet, Arrow and NumPy files over HTTP: each read by a child of its own. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'

const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../../fixtures/tables', name))

describe('a file that is read by a child', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())

  const upload = (payload: Buffer, headers: Record<string, string>, query = '') =>
    api.send({ method: 'POST', url: `/v1/datasets${query}`, payload, headers })

  it('a file of bytes is a dataset: as a body, compressed, or in a form with its options behind it', async () => {
    const table: [name: string, type: string, format: string, rows: number][] = [
      ['all-types-snappy.parquet', 'application/vnd.apache.parquet', 'parquet', 6],
      ['all-types.arrows', 'application/vnd.apache.arrow.stream', 'arrow', 6],
      ['all-types-lz4.arrow', 'application/vnd.apache.arrow.file', 'arrowFile', 6],
      ['f4-big.npy', 'application/x-npy', 'npy', 4],
      ['features-labels.npz', 'application/x-npz', 'npz', 4],
    ]
    for (const [name, type, format, rows] of table) {
      const { status, body } = await upload(file(name), { 'content-type': type })
      assert.equal(status, 201, JSON.stringify(body))
      assert.deepEqual([body.format, body.rows], [format, rows])
    }
    const plain = await upload(file('f4-big.npy'), { 'content-type': 'application/x-npy' }, '?labels=x3')
    const zipped = await upload(
      gzipSync(file('f4-big.npy')),
      { 'content-type': 'application/x-npy', 'content-encoding': 'gzip' },
      '?labels=x3',
    )
    const form = Buffer.concat([
      Buffer.from(
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="t.npy"\r\nContent-Type: application/octet-stream\r\n\r\n',
      ),
      file('f4-big.npy'),
      Buffer.from('\r\n--edge\r\nContent-Disposition: form-data; name="options"\r\n\r\n{"labels": ["x3"]}\r\n--edge--\r\n'),
    ])
    const formed = await upload(form, { 'content-type': 'multipart/form-data; boundary=edge' })
    assert.equal(plain.body.columns[2].role, 'label')
    assert.deepEqual([zipped.body.contentHash, formed.body.contentHash], [plain.body.contentHash, plain.body.contentHash])
  })

  it('a file of bytes that is none, lies or grows without measure is refused, and nothing is stored of it', async () => {
    const before = (await api.get('/v1/datasets?limit=100')).body.data.length
    const lying = file('all-types-none.parquet')
    lying.writeUInt32LE(0x00ffffff, lying.length - 8)
    const parquet = { 'content-type': 'application/vnd.apache.parquet' }
    assertProblem(await upload(lying, parquet), 400, 'MALFORMED_BODY')
    assertProblem(await upload(file('all-types-none.parquet').subarray(0, 3000), parquet), 400, 'MALFORMED_BODY')
    assertProblem(await upload(Buffer.alloc(0), parquet), 400, 'MALFORMED_BODY')
    const [bomb] = assertProblem(await upload(file('bomb.npz'), { 'content-type': 'application/x-npz' }), 400, 'MALFORMED_BODY')
    assert.match(bomb?.message ?? '', /250 times/)
    assertProblem(await upload(file('f4-big.npy'), { 'content-type': 'application/x-npy' }, '?labels=q'), 422, 'VALIDATION_FAILED')
    assert.equal((await api.get('/v1/datasets?limit=100')).body.data.length, before)
  })
})
