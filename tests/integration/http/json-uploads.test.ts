/** JSON bodies of tables, beside which nothing is said. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

describe('a JSON body of a table', () => {
  it('a JSON body is refused with options in the query, which nobody would look at, each with where it belongs', async () => {
    const query = '?labels=y&columns[x]=category&delimiter=;&name=mine'
    const answer = await api.post(`/v1/datasets${query}`, { rows: [{ x: 1, y: 2 }] })
    assertProblem(answer, 422, 'VALIDATION_FAILED')
    assert.deepEqual(pathsOf(answer.body.errors).sort(), ['/columns[x]', '/delimiter', '/labels', '/name'])
    assert.match(JSON.stringify(answer.body.errors), /put .*labels.* into the body.*leave it out/)
    assert.deepEqual((await api.get('/v1/datasets')).body.data, [])
  })
})
