/** Every operation of openapi.json: a client performs it by a method of its own, or leaves it out on purpose. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { operationsOfTypescript } from '../../support/client-operations.ts'
import { openPython } from '../../support/python.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../../..')

/** What neither client has a method for, and why. `client.request` performs any of them. */
const leftOut: Record<string, string> = {
  getHealth: 'for those who run the service',
  getReadiness: 'for those who run the service',
  getMetrics: 'for Prometheus',
  getLayersModelValues: 'TensorFlow.js fetches it by the model.json that refers to it',
  getOperations: 'asked for by performOperations where an answer was lost, as the same request again',
  getTrainerParameters: 'an operation of performOperations',
}

type Operation = { operationId: string; method: string; path: string }

const operations: Operation[] = Object.entries(
  JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')).paths as Record<string, Record<string, { operationId: string }>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
)

/** The operation that a request is for; a path without parameters counts before one with some. */
const operationOf = (request: string): string | undefined => {
  const found = operations.filter(({ method, path }) => new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(request))
  return found.sort((one, other) => one.path.split('{').length - other.path.split('{').length)[0]?.operationId
}

/** `sent`: the requests of the calls that are there for each operation. */
const assertComplete = (sent: Record<string, readonly string[]>): void => {
  for (const [operationId, requests] of Object.entries(sent))
    assert.ok(requests.map(operationOf).includes(operationId), `${operationId} is not what was sent: ${requests}`)
  const decided = [...Object.keys(sent), ...Object.keys(leftOut)].sort()
  assert.deepEqual(decided, operations.map(({ operationId }) => operationId).sort(), 'a new operation needs a method, or a reason here')
}

/** An answer that has something of everything. */
const answer = {
  ...{ id: 'x', status: 'succeeded', datasetId: 'x', dataset: { id: 'x' }, progress: {}, config: {}, rows: 2, url: '/x' },
  ...{ data: [], parts: [], jobs: [], results: [{}], hasMore: false, nextCursor: null, nextOffset: null, version: 1, lastSeq: 0 },
}

it('the client of TypeScript performs every operation, but for those that are left out on purpose', async () => {
  // As it is built; not part of this program's types, since a browser's are among its own.
  const { Trainyard } = await import(pathToFileURL(join(root, 'clients/typescript/dist/index.js')).href)
  const sent: Record<string, string[]> = {}
  for (const [operationId, call] of Object.entries(operationsOfTypescript)) {
    const requests: string[] = []
    const send: typeof fetch = async (url, options) => {
      requests.push(`${options?.method} ${new URL(String(url)).pathname}`)
      const isStream = new Headers(options?.headers).get('accept') === 'text/event-stream'
      return isStream ? new Response(null, { status: 204 }) : Response.json(answer)
    }
    await call(new Trainyard({ url: 'http://service', fetch: send, maxRetries: 0 }))
    sent[operationId] = requests
  }
  assertComplete(sent)
})

it('the client of Python performs every operation, but for those that are left out on purpose', async (t) => {
  const opened = await openPython()
  if ('reason' in opened) return t.skip(opened.reason)
  const env = { ...process.env, PYTHONPATH: join(root, 'clients/python/src'), PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await run(opened.python, [join(root, 'tests/fixtures/clients/python_operations.py')], { env })
  assertComplete(JSON.parse(stdout))
})
