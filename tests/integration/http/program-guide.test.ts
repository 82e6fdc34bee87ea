/** /llms.txt, the API in one page for programs that read. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problemCatalog } from '../../../src/contracts/error-codes.ts'
import { type Answer, openTestApi, type TestApi } from '../../support/api.ts'

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

test('the requests of /llms.txt are addressed to the service as it was asked, and they train, wait, read and predict', async () => {
  api.bench.work()
  const { body } = await api.get('/llms.txt', { host })
  const commands = [...body.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trimEnd().split('\n'))
  const ids = { JOB: '', PREDICTION: '' }
  const run = async (command = ''): Promise<Answer> => {
    const [, url = '', sent] =
      /^curl -s '?([^ ']+)'?(?: -H 'content-type: application\/json' -d '(.+)')?$/.exec(command) ?? assert.fail(command)
    assert.ok(url.startsWith(`http://${host}/v1/`), url)
    const path = url.slice(`http://${host}`.length).replace('JOB', ids.JOB).replace('PREDICTION', ids.PREDICTION)
    const key = { authorization: 'Bearer secret-of-one' }
    return sent === undefined ? api.get(path, key) : api.post(path, JSON.parse(sent), key)
  }
  const [train, wait, read, predictRows, predictDataset, waitAgain, readRows, ...others] = commands
  assert.deepEqual(others, [])
  const submitted = await run(train)
  assert.equal(submitted.status, 202)
  ids.JOB = submitted.body.id
  assert.equal((await run(wait)).body.status, 'succeeded')
  assert.equal((await run(read)).body.data.length, 3)
  assert.equal((await run(predictRows)).body.predictions.length, 1)
  const predicting = await run(predictDataset)
  assert.equal(predicting.status, 202)
  ids.PREDICTION = predicting.body.id
  assert.equal((await run(waitAgain)).body.status, 'succeeded')
  const rows = (await run(readRows)).body.trimEnd().split('\n')
  assert.equal(rows.length, 1000)
  assert.equal(JSON.parse(rows[0]).prediction.length, 1)
})
