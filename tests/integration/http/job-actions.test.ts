/** Telling a job what to do: cancel, pause, resume, delete. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { eventTypes } from '../../support/jobs.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.bench.database.prisma.job.deleteMany()
})

const status = async (id: string) => (await api.get(`/v1/jobs/${id}`)).body.status
const act = (id: string, action: string) => api.post(`/v1/jobs/${id}/${action}`)

describe('a job is told', () => {
  it('to stop: at once where nobody holds it, by its worker where one does', async () => {
    const waiting = await api.submit()
    const cancelled = await act(waiting.id, 'cancel')
    assert.equal(cancelled.status, 200)
    assert.equal(cancelled.body.status, 'cancelled')
    assert.ok(cancelled.body.finishedAt)
    assertProblem(await act(waiting.id, 'cancel'), 409, 'CONFLICT')

    const running = await api.submit()
    const worker = await api.claim()
    assert.equal((await act(running.id, 'cancel')).body.status, 'cancelling')
    assert.equal((await act(running.id, 'cancel')).body.status, 'cancelling')
    assertProblem(await act(running.id, 'resume'), 409, 'CONFLICT')
    assert.deepEqual(await worker.commit({}), { status: 'cancelling' })
    await worker.commit({ closing: { to: 'cancelled' } })
    assert.equal(await status(running.id), 'cancelled')
    assert.deepEqual(await eventTypes(api.bench.database, running.id), ['queued', 'started', 'cancelling', 'cancelled'])
  })

  it('to pause and to go on', async () => {
    const { id } = await api.submit()
    assert.equal((await act(id, 'pause')).body.status, 'paused')
    assert.equal((await act(id, 'pause')).body.status, 'paused')
    assert.equal((await act(id, 'resume')).body.status, 'queued')
    assert.equal((await act(id, 'resume')).body.status, 'queued')
    const worker = await api.claim()
    assert.equal((await act(id, 'pause')).body.status, 'pausing')
    assert.equal((await act(id, 'resume')).body.status, 'running')
    assert.equal((await act(id, 'pause')).body.status, 'pausing')
    await worker.commit({ closing: { to: 'paused' } })
    assert.equal(await status(id), 'paused')
    assert.equal((await act(id, 'cancel')).body.status, 'cancelled')
    for (const action of ['cancel', 'pause', 'resume']) assertProblem(await act(id, action), 409, 'CONFLICT')
    assert.deepEqual(await eventTypes(api.bench.database, id), [
      'queued',
      'paused',
      'queued',
      'started',
      'pausing',
      'resumed',
      'pausing',
      'paused',
      'cancelled',
    ])
  })

  it('to go away, once it is finished', async () => {
    const { id } = await api.submit()
    assertProblem(await api.remove(`/v1/jobs/${id}`), 409, 'CONFLICT')
    await act(id, 'cancel')
    assert.equal((await api.remove(`/v1/jobs/${id}`)).status, 204)
    for (const path of ['', '/epochs', '/gradients', '/weights', '/events'])
      assertProblem(await api.get(`/v1/jobs/${id}${path}`), 404, 'NOT_FOUND')
    for (const action of ['cancel', 'pause', 'resume']) assertProblem(await act(id, action), 404, 'NOT_FOUND')
    assertProblem(await api.remove(`/v1/jobs/${id}`), 404, 'NOT_FOUND')
  })
})
