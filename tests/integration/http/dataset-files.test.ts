/** How files come in: what separates their cells, whether they have a header, and what is said of those that are refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

const csv = { 'content-type': 'text/csv' }

describe('an uploaded file', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())

  const create = async (body: unknown, headers = {}, query = '') => {
    const answer = await api.post(`/v1/datasets${query}`, body, headers)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }
  const refuse = async (body: unknown, headers = {}, query = '') =>
    assertProblem(await api.post(`/v1/datasets${query}`, body, headers), 422, 'VALIDATION_FAILED')

  it('says how it was read, then and later', async () => {
    const taken = { delimiter: ';', header: false }
    const dataset = await create('1;2.5\r\n3;4\r\n', csv)
    assert.deepEqual([dataset.csv, dataset.rows, dataset.columns[0].name], [taken, 2, 'x1'])
    assert.deepEqual((await api.get(`/v1/datasets/${dataset.id}`)).body, dataset)
    assert.equal((await create({ rows: [{ x: 1 }] })).csv, null)
  })

  it('is read as its query or its media type says', async () => {
    const tabs = { 'content-type': 'text/tab-separated-values; charset=utf-8' }
    const form = { 'content-type': 'multipart/form-data; boundary=edge' }
    const part = (name: string, type: string, text: string) =>
      `--edge\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n${text}\r\n--edge--\r\n`
    const table: [text: string, headers: object, query: string, csv: object, names: string[]][] = [
      ['2019,2020\n1,2\n', csv, '?header=true', { delimiter: ',', header: true }, ['2019', '2020']],
      ['1,2\n3,4\n', csv, '?header=false', { delimiter: ',', header: false }, ['x1', 'x2']],
      ['a:b\n1:2\n', csv, '?delimiter=:', { delimiter: ':', header: true }, ['a', 'b']],
      ['a\tb\n1\t2\n', csv, '?delimiter=tab', { delimiter: '\t', header: true }, ['a', 'b']],
      ['a\tb\n1\t2\n', csv, '?delimiter=%09', { delimiter: '\t', header: true }, ['a', 'b']],
      ['a,x\tb\n1\t2\n', tabs, '', { delimiter: '\t', header: true }, ['a,x', 'b']],
      ['a;b\n1;2\n', tabs, '?delimiter=;', { delimiter: ';', header: true }, ['a', 'b']],
      [part('t.tsv', 'application/octet-stream', 'a,x\tb\n1\t2\n'), form, '', { delimiter: '\t', header: true }, ['a,x', 'b']],
      [part('T.CSV', 'application/x-unknown', '1|2\n'), form, '', { delimiter: '|', header: false }, ['x1', 'x2']],
    ]
    for (const [text, headers, query, expected, names] of table) {
      const dataset = await create(text, headers, query)
      assert.deepEqual(dataset.csv, expected, text)
      assert.deepEqual(
        dataset.columns.map(({ name }: { name: string }) => name),
        names,
      )
    }
  })

  it('is refused with options that no CSV can have, and told which its header would need', async () => {
    for (const delimiter of ['%22', '%0A', '%0D', '1', 'a', '.', '-', '%2B', 'e', ',,', ''])
      assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, `?delimiter=${delimiter}`)), ['/delimiter'], delimiter)
    assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, '?header=maybe')), ['/header'])
    const [fault] = await refuse('1,2\n3,4\n', csv, '?labels=y')
    assert.match(fault?.message ?? '', /there are x1, x2; .*\?header=true/)
  })

  it('of another kind is refused with the kinds that there are', async () => {
    const kinds: Record<string, string>[] = [
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'application/pdf' },
      {},
    ]
    for (const headers of kinds) {
      const [fault] = assertProblem(await api.post('/v1/datasets', 'a,b\n1,2\n', headers), 415, 'UNSUPPORTED_MEDIA_TYPE')
      assert.equal(fault?.path, '/content-type')
      for (const type of ['application/json', 'text/csv', 'text/tab-separated-values', 'multipart/form-data'])
        assert.ok(fault?.message.includes(type), type)
    }
    const [fault] = assertProblem(await api.post('/v1/jobs', '<a/>', { 'content-type': 'application/xml' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    assert.deepEqual([fault?.message, fault?.value], ['must be application/json', 'application/xml'])
  })

  it('with fields or parameters that are nearly known is refused with the known ones', async () => {
    const suggestions = async (body: unknown, headers = {}, query = '') =>
      (await refuse(body, headers, query)).filter(({ code }) => code === 'unknown_field').map(({ message }) => /"(.+)"/.exec(message)?.[1])
    assert.deepEqual(await suggestions({ row: [{ a: 1 }] }), ['rows'])
    assert.deepEqual(await suggestions({ rows: [{ a: 1 }], feature: ['a'], input_shape: [1] }), ['features', 'inputShape'])
    assert.deepEqual(await suggestions('a,b\n1,2\n', csv, '?lables=a&delimeter=;&quite_different=1'), ['labels', 'delimiter', undefined])
  })
})
