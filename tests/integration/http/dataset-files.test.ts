/** How files come in: what separates their cells, whether they have a header, and what is said of those that are refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fileFormats, uploadFormats } from '../../../src/features/datasets/formats/all-formats.ts'
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

  it('an uploaded file says how it was read, then and later', async () => {
    const taken = { delimiter: ';', header: false }
    const dataset = await create('1;2.5\r\n3;4\r\n', csv)
    assert.deepEqual([dataset.csv, dataset.rows, dataset.columns[0].name], [taken, 2, 'x1'])
    assert.deepEqual((await api.get(`/v1/datasets/${dataset.id}`)).body, dataset)
    assert.equal((await create({ rows: [{ x: 1 }] })).csv, null)
  })

  it('an uploaded file is read as its query or its media type says', async () => {
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

  it('an uploaded file of any listed format is taken as a body and in a form, and documented with an example', async () => {
    const { requestBody } = (await api.get('/openapi.json')).body.paths['/v1/datasets'].post
    assert.deepEqual(Object.keys(requestBody.content), [...uploadFormats.map(({ mediaTypes: [type] }) => type), 'multipart/form-data'])
    type Upload = [body: string, headers: Record<string, string>]
    const form = (filename: string, type: string, text: string): Upload => [
      `--edge\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n${text}\r\n--edge--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=edge' },
    ]
    for (const { mediaTypes, looseTypes = [], extensions, example } of fileFormats) {
      // Formats of bytes have tests of their own.
      if (example === null) continue
      assert.equal(requestBody.content[mediaTypes[0]].example, example)
      const { contentHash } = await create(example, { 'content-type': mediaTypes[0] })
      const uploads = [
        ...mediaTypes.map((type): Upload => [example, { 'content-type': `${type}; charset=utf-8` }]),
        ...[...mediaTypes, ...looseTypes].map((type) => form('table', type, example)),
        ...extensions.map((extension) => form(`Table.${extension.toUpperCase()}`, 'application/x-unknown', example)),
      ]
      for (const [body, headers] of uploads)
        assert.equal((await create(body, headers)).contentHash, contentHash, `${JSON.stringify(headers)} ${body}`)
    }
    const [body, headers] = form('table.pdf', 'application/pdf', 'x')
    const [error] = assertProblem(await api.post('/v1/datasets', body, headers), 415, 'UNSUPPORTED_MEDIA_TYPE')
    for (const { mediaTypes } of fileFormats) for (const type of mediaTypes) assert.ok(error?.message.includes(type), type)
  })

  it('an uploaded file may come in a form whose options say how it is read, where they come first', async () => {
    const part = (name: string, type: string, text: string) =>
      `--edge\r\nContent-Disposition: form-data; name="${name}"${type}\r\n\r\n${text}\r\n`
    const file = part('file', '; filename="t.csv"\r\nContent-Type: text/csv', '2019:2020\n1:2\n')
    const options = { header: true, delimiter: ':', labels: ['2020'] }
    const form = { 'content-type': 'multipart/form-data; boundary=edge' }
    const kinds = ['', '; filename="blob"\r\nContent-Type: application/json']
    for (const kind of kinds) {
      const dataset = await create(`${part('options', kind, JSON.stringify(options))}${file}--edge--\r\n`, form)
      assert.deepEqual(dataset.csv, { delimiter: ':', header: true }, kind)
      assert.deepEqual(
        dataset.columns.map(({ name, role }: { name: string; role: string | null }) => [name, role]),
        [
          ['2019', null],
          ['2020', 'label'],
        ],
      )
      const errors = await refuse(`${file}${part('options', kind, JSON.stringify(options))}--edge--\r\n`, form)
      assert.deepEqual(pathsOf(errors), ['/options/delimiter', '/options/header'], kind)
      for (const { message } of errors) assert.match(message, /before the part file, or say \?(delimiter|header)= in the query/)
    }
    const wrong = part('options', '', '{"delimiter": ",,", "header": "yes", "sep": 1}')
    assert.deepEqual(pathsOf(await refuse(`${wrong}${file}--edge--\r\n`, form)).sort(), [
      '/options/delimiter',
      '/options/header',
      '/options/sep',
    ])
  })

  it('an uploaded file loses no first line that has numbers and gaps', async () => {
    for (const gap of ['NA', '?', 'n/a', 'null', '-', 'nan', '']) {
      const { rows, csv: taken, columns } = await create(`1,${gap},3\n4,5,6\n`, csv)
      assert.deepEqual([rows, taken.header, columns[1].name, columns[1].missing], [2, false, 'x2', 1], gap)
    }
    const taken = async (text: string, type = 'text/csv') => (await create(text, { 'content-type': type })).csv.header
    assert.equal(await taken('place,2019,2020\n1,2,3\n'), true)
    assert.equal(await taken('NA,?\n1,2\n'), true)
    assert.equal(await taken('2019,2020\n1,2\n', 'text/csv; header=present'), true)
    assert.equal(await taken('2019,2020\n1,2\n', 'text/csv; charset=utf-8; Header="absent"'), false)
    assert.equal(await taken('a,b\n1,2\n', 'text/csv; header=absent'), false)
  })

  it('an uploaded file is understood by its beginning, however wide its first line is', async () => {
    const names = Array.from({ length: 9000 }, (_, at) => `"column ${at}"`)
    const dataset = await create(`${names.join(';')}\n${names.map((_, at) => at).join(';')}\n`, csv)
    assert.deepEqual([dataset.csv, dataset.columnCount], [{ delimiter: ';', header: true }, 9000])
  })

  it('an uploaded file is refused with words that fit what is wrong with it', async () => {
    const table: [text: string | Buffer, query: string, message: RegExp][] = [
      ['', '', /the file is empty/],
      ['\n\n', '', /the file is empty/],
      ['a,b\n', '', /no rows below its header/],
      ['x,,y\n0,1,2\n', '', /column 2 has no name; give it one, or leave the column out/],
      [',2019\n0,1\n0,2\n', '?header=true', /column 1 has no name.*\?header=false/],
      ['x1\n1,2\n3,4\n', '?delimiter=;&decimal=.&columns[x1]=number', /say \?decimal=,, or say with \?delimiter=/],
      ['a\n1 2\n3 4\n', '?columns[a]=number', /say with \?delimiter=/],
      ['a;b\n1,5;2\n', '?decimal=.&columns[a]=number', /say \?decimal=, if that is its decimal mark$/],
      [Buffer.from('gr\xf6\xdfe,b\n1,2\n', 'latin1'), '', /column 1 is not UTF-8/],
    ]
    for (const [text, query, message] of table) {
      const [error] = await refuse(text, csv, query)
      assert.match(error?.message ?? '', message)
    }
  })

  it('an uploaded file is refused with options that no CSV can have, and told which its header would need', async () => {
    for (const delimiter of ['%22', '%0A', '%0D', '1', 'a', '.', '-', '%2B', 'e', ',,', ''])
      assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, `?delimiter=${delimiter}`)), ['/delimiter'], delimiter)
    assert.deepEqual(pathsOf(await refuse('a,b\n1,2\n', csv, '?header=maybe')), ['/header'])
    const [error] = await refuse('1,2\n3,4\n', csv, '?labels=y')
    assert.match(error?.message ?? '', /there are x1, x2; .*\?header=true/)
  })

  it('an uploaded file of another kind is refused with the kinds that there are', async () => {
    const kinds: Record<string, string>[] = [
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'application/pdf' },
      {},
    ]
    for (const headers of kinds) {
      const [error] = assertProblem(await api.post('/v1/datasets', 'a,b\n1,2\n', headers), 415, 'UNSUPPORTED_MEDIA_TYPE')
      assert.equal(error?.path, '/content-type')
      for (const type of ['application/json', 'text/csv', 'text/tab-separated-values', 'multipart/form-data'])
        assert.ok(error?.message.includes(type), type)
    }
    const [error] = assertProblem(await api.post('/v1/jobs', '<a/>', { 'content-type': 'application/xml' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    assert.deepEqual([error?.message, error?.value], ['must be application/json', 'application/xml'])
  })

  it('an uploaded file with fields or parameters that are nearly known is refused with the known ones', async () => {
    const suggestions = async (body: unknown, headers = {}, query = '') =>
      (await refuse(body, headers, query)).filter(({ code }) => code === 'unknown_field').map(({ message }) => /"(.+)"/.exec(message)?.[1])
    assert.deepEqual(await suggestions({ row: [{ a: 1 }] }), ['rows'])
    assert.deepEqual(await suggestions({ rows: [{ a: 1 }], feature: ['a'], input_shape: [1] }), ['features', 'inputShape'])
    assert.deepEqual(await suggestions('a,b\n1,2\n', csv, '?lables=a&delimeter=;&quite_different=1'), ['labels', 'delimiter', undefined])
  })
})
