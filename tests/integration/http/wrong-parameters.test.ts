/** Parameters that are wrong, of every operation of the OpenAPI document: those that it does not know, and those of a wrong form. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type Answer, assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { type DocumentedRequest, documentedRequests, type OpenApi } from '../../support/documented-requests.ts'

let api: TestApi
let document: OpenApi
before(async () => {
  api = await openTestApi()
  document = (await api.get('/openapi.json')).body
})
after(() => api.close())

const send = ({ method, payload, headers }: DocumentedRequest, url: string, more: Record<string, string> = {}): Promise<Answer> =>
  api.send({ method, url, headers: { ...headers, ...more }, ...(payload === undefined ? {} : { payload }) })

it('every operation refuses a query parameter that it does not know, by its name, before anything is done', async () => {
  const requests = documentedRequests(document)
  assert.ok(requests.length > 60)
  for (const request of requests.filter(({ operationId }) => !takesAny.includes(operationId))) {
    const answer = await send(request, withQuery(request.url, 'dry_run', 'true'))
    assert.equal(answer.status, 422, `${request.operationId}: ${answer.status} ${JSON.stringify(answer.body)}`)
    assert.deepEqual(pathsOf(assertProblem(answer, 422, 'VALIDATION_FAILED')), ['/dry_run'], request.operationId)
  }
})

/** What probes, scrapers and `tf.loadLayersModel` ask for, who append to addresses. */
const takesAny = ['getHealth', 'getReadiness', 'getMetrics', 'getLayersModelValues']

it('what is asked for by programs that append to addresses takes any query', async () => {
  const requests = documentedRequests(document).filter(({ operationId }) => takesAny.includes(operationId))
  assert.equal(requests.length, takesAny.length)
  // The weights that the document names by its example are not there.
  for (const request of requests) assert.ok([200, 404].includes((await send(request, withQuery(request.url, 'verbose', ''))).status))
})

it('a parameter of a wrong form is told in words what would be right, of every operation', async () => {
  const wrong = '??'
  const parameters = withPattern()
  assert.ok(parameters.length > 15)
  for (const { request, place, name, pattern, title } of parameters) {
    assert.ok(title, `${request.operationId}: ${name} has a pattern without a title that says it in words`)
    assert.doesNotMatch(wrong, new RegExp(pattern))
    const errors = assertProblem(await sendWith(request, place, name, wrong), 422, 'VALIDATION_FAILED')
    assert.deepEqual(errors, [{ path: `/${name}`, code: 'pattern', message: `must be ${title}`, value: wrong }], request.operationId)
  }
})

it('a range that ends before it begins is refused by its end, of every operation; one of no length is not', async () => {
  const ranges = [
    ['createdAfter', 'createdBefore', '2026-11-27T10:00:00+01', '2026-11-27T08:59:59Z', '2026-11-27T09:00:00z'],
    ['from', 'to', '3', '2', '3'],
  ] as const
  for (const [begin, end, from, before, same] of ranges) {
    const operations = withParameter(end)
    assert.ok(operations.length > 1)
    for (const request of operations) {
      const range = withQuery(request.url, begin, from)
      const answer = await send(request, withQuery(range, end, before))
      assert.deepEqual(pathsOf(assertProblem(answer, 422, 'VALIDATION_FAILED')), [`/${end}`], request.operationId)
      // What the document names by its examples is not there.
      const { status, body } = await send(request, withQuery(range, end, same))
      assert.ok([200, 404].includes(status), `${request.operationId}: ${JSON.stringify(body)}`)
    }
  }
})

it('pages for browsers take what is appended to their addresses on the way', async () => {
  for (const path of ['/openapi.json?utm_source=mail', '/llms.txt?utm_source=mail']) assert.equal((await api.get(path)).status, 200)
})

/** Every parameter of an operation that has a pattern, and the request that the document shows of it. */
const withPattern = () => {
  const requests = documentedRequests(document)
  return Object.values(document.paths)
    .flatMap((operations) => Object.values(operations))
    .flatMap(({ operationId, parameters = [] }) => {
      const request = requests.find((one) => one.operationId === operationId)
      assert.ok(request)
      return parameters.flatMap(({ in: place, name, schema }) =>
        schema?.pattern === undefined ? [] : [{ request, place, name, pattern: schema.pattern, title: schema.title }],
      )
    })
}

/** The requests of the operations that have a query parameter of this name. */
const withParameter = (name: string): DocumentedRequest[] => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  const ids = operations.flatMap(({ operationId, parameters = [] }) =>
    parameters.some((one) => one.in === 'query' && one.name === name) ? [operationId] : [],
  )
  return documentedRequests(document).filter(({ operationId }) => ids.includes(operationId))
}

/** The request with another value of one of its parameters. */
const sendWith = (request: DocumentedRequest, place: string, name: string, value: string): Promise<Answer> => {
  const { url, route } = request
  if (place === 'header') return send(request, url, { [name]: value, ...(name === 'last-event-id' ? { accept: 'text/event-stream' } : {}) })
  if (place === 'path') return send(request, route.replace(`{${name}}`, encodeURIComponent(value)))
  return send(request, withQuery(url, name, value))
}

const withQuery = (url: string, name: string, value: string): string =>
  `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`
