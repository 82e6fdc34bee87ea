/** /llms.txt, the API in one page for programs that read. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problemCatalog } from '../../../src/contracts/error-codes.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'

let api: TestApi
const host = 'trains.example:8080'
before(async () => {
  api = await openTestApi({ apiKeys: [{ tenant: 'one', secret: 'secret-of-one' }] })
})
after(() => api.close())

test('/llms.txt names every operation with its query, and every error, in plain text without a key', async () => {
  const { status, headers, body } = await api.get('/llms.txt', { host })
  assert.deepEqual([status, headers['content-type']], [200, 'text/plain; charset=utf-8'])
  assert.match(body, /^# Trainyard\n\n> /)
  const document = (await api.get('/openapi.json', { host })).body
  const operations = Object.entries<Record<string, { summary: string }>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => `- \`${method.toUpperCase()} ${path}\`: ${summary}.`),
  )
  assert.ok(operations.length > 40)
  const lines: string[] = body.split('\n')
  for (const operation of operations) assert.equal(lines.filter((line) => line.startsWith(operation)).length, 1, operation)
  assert.match(body, /`GET \/v1\/jobs\/\{id\}\/epochs`: .* Query: from, to, maxPoints, format\./)
  assert.match(body, /`GET \/v1\/epochs`: .* Query: job \(required\), /)
  for (const [code, { status }] of Object.entries(problemCatalog)) assert.ok(body.includes(`- ${status} \`${code}\``), code)
})

test('the three requests of /llms.txt are addressed to the service as it was asked, and they train, wait and read', async () => {
  const { body } = await api.get('/llms.txt', { host })
  const commands = (/```sh\n([\s\S]*?)```/.exec(body)?.[1] ?? '').trimEnd().split('\n')
  assert.equal(commands.length, 3)
  const [train = '', ...reads] = commands.map((command) => command.replace('curl -s ', '').replaceAll(`http://${host}`, ''))
  const key = { authorization: 'Bearer secret-of-one' }
  const submitted = await api.post('/v1/jobs', JSON.parse(/-d '(.+)'$/.exec(train)?.[1] ?? ''), key)
  assert.equal(submitted.status, 202)
  await api.post(`/v1/jobs/${submitted.body.id}/cancel`, undefined, key)
  const answers = await Promise.all(reads.map((path) => api.get(path.replaceAll("'", '').replace('JOB', submitted.body.id), key)))
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.status ?? body.data]),
    [
      [200, 'cancelled'],
      [200, []],
    ],
  )
})
