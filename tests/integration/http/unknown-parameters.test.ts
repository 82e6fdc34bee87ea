/** What an operation does not know is refused wherever it stands in a query, of every operation of the OpenAPI document. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { documentedRequests } from '../../support/documented-requests.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

it('every operation refuses a query parameter that it does not know, by its name, before anything is done', async () => {
  const requests = documentedRequests((await api.get('/openapi.json')).body)
  assert.ok(requests.length > 60)
  for (const { operationId, method, url, payload, headers } of requests) {
    const asked = `${url}${url.includes('?') ? '&' : '?'}dry_run=true`
    const answer = await api.send({ method, url: asked, ...(headers ? { headers } : {}), ...(payload === undefined ? {} : { payload }) })
    assert.equal(answer.status, 422, `${operationId}: ${answer.status} ${JSON.stringify(answer.body)}`)
    assert.deepEqual(pathsOf(assertProblem(answer, 422, 'VALIDATION_FAILED')), ['/dry_run'], operationId)
  }
})

it('pages for browsers take what is appended to their addresses on the way', async () => {
  for (const path of ['/openapi.json?utm_source=mail', '/llms.txt?utm_source=mail']) assert.equal((await api.get(path)).status, 200)
})
