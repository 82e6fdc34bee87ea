/** What requests about webhooks are refused for, where neither http nor private addresses are allowed. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { maxWebhooks } from '../../../src/api/webhook.schema.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

const ends = ['job.succeeded', 'job.failed', 'job.cancelled']

describe('requests about webhooks', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())

  it('a wrong request is refused with what would be right, before anything is stored', async () => {
    const refused = async (url: string, code: string) => {
      const [error] = assertProblem(await api.post('/v1/webhooks', { url, events: ends }), 422, 'VALIDATION_FAILED')
      assert.deepEqual([error?.path, error?.code], ['/url', code], url)
      const [own] = assertProblem(await api.post('/v1/jobs', notebook({ webhook: { url } })), 422, 'VALIDATION_FAILED')
      assert.deepEqual([own?.path, own?.code], ['/webhook/url', code], url)
      assert.equal(JSON.stringify([error, own]).includes('hunter2'), false)
    }
    await refused('http://hooks.example/', 'scheme_not_allowed')
    await refused('https://ann:hunter2@hooks.example/', 'invalid_url')
    await refused('hooks', 'invalid_url')
    for (const host of [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a00:1]',
      '0.0.0.0',
      '2130706433',
      '100.64.0.1',
    ])
      await refused(`https://${host}/hook`, 'address_not_allowed')
    const grid = { 'optimizer.learningRate': [0.1, 0.2] }
    const sweep = await api.post('/v1/sweeps', { base: notebook({ webhook: { url: 'https://10.0.0.1/' } }), grid })
    assert.deepEqual(pathsOf(assertProblem(sweep, 422, 'VALIDATION_FAILED')), ['/base/webhook/url'])
    const url = 'https://hooks.example/x'
    const wrong = async (body: object, paths: string[]) =>
      assert.deepEqual(pathsOf(assertProblem(await api.post('/v1/webhooks', body), 422, 'VALIDATION_FAILED')), paths)
    await wrong({}, ['/events', '/url'])
    await wrong({ url, events: [] }, ['/events'])
    await wrong({ url, events: ['job.ended'], secret: 'x' }, ['/events/0', '/secret'])
    await wrong({ url, events: ['job.epoch', 'job.epoch'] }, ['/events'])
    const { id } = (await api.post('/v1/webhooks', { url, events: ends })).body
    const patch = (payload: object) => api.send({ method: 'PATCH', url: `/v1/webhooks/${id}`, payload })
    assertProblem(await patch({}), 422, 'VALIDATION_FAILED')
    assertProblem(await patch({ url: 'ftp://x' }), 422, 'VALIDATION_FAILED')
    const changed = (await patch({ description: 'mine', events: ['job.failed'] })).body
    assert.deepEqual(
      [changed.description, changed.events, (await patch({ description: null })).body.description],
      ['mine', ['job.failed'], null],
    )
    for (const moment of ['2016-12-31T23:59:60Z', '0000-01-01T00:00:00+14:00', '9999-12-31t23:59:60z'])
      for (const range of [{ from: moment }, { from: '0000-01-01T00:00:00+23:00', to: moment }])
        assert.deepEqual((await api.post(`/v1/webhooks/${id}/replay`, range)).body, { replayed: 0, hasMore: false }, moment)
    const reversed = await api.post(`/v1/webhooks/${id}/replay`, { from: '2026-11-27T10:00:00Z', to: '2026-11-27T10:59:00+01' })
    assert.deepEqual(
      assertProblem(reversed, 422, 'VALIDATION_FAILED').map(({ path, message }) => [path, message]),
      [['/to', 'must not be before /from, which is 2026-11-27T10:00:00Z']],
    )
    for (let made = 1; made < maxWebhooks; made += 1) assert.equal((await api.post('/v1/webhooks', { url, events: ends })).status, 201)
    assertProblem(await api.post('/v1/webhooks', { url, events: ends }), 409, 'CONFLICT')
  })
})
