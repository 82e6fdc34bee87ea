/** What waits to be told: replays are in nobody's way, and of too much the least is dropped first; a database that fails doubles nothing. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { maxPendingDeliveries } from '../../../src/api/delivery.schema.ts'
import { maxWebhooks } from '../../../src/api/webhook.schema.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { createTestDatabase } from '../../support/postgres.ts'
import { openReceiver, type Receiver } from '../../support/receiver.ts'
import { openProxy } from '../../support/tcp-proxy.ts'

const outbound = { allowHttp: true, allowPrivate: true }

describe('deliveries that wait', () => {
  let api: TestApi
  let receiver: Receiver
  before(async () => {
    receiver = await openReceiver()
    api = await openTestApi({ outbound })
  })
  after(async () => {
    await api.close()
    await receiver.close()
  })

  const create = async (path: string, events: string[]): Promise<string> => {
    const { status, body } = await api.post('/v1/webhooks', { url: receiver.origin + path, events })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const submit = async (): Promise<string> => (await api.submit()).id
  const cancel = async (id: string): Promise<void> => assert.equal((await api.post(`/v1/jobs/${id}/cancel`)).status, 200)

  it('what is new is sent before what is replayed, and does not wait for a replay of its job that comes to nothing', async () => {
    const hook = await create('/again', ['job.queued', 'job.cancelled'])
    const from = new Date().toISOString()
    const jobs = [await submit(), await submit(), await submit(), await submit()]
    const told = await receiver.until('/again', 4)
    await deliveries(api, hook, (all) => all.length === 4 && all.every(({ status }) => status === 'delivered'))
    const before = new Set(told.map(({ headers }) => headers['webhook-id']))
    const held: (() => void)[] = []
    // Replays are held up, and then fail for now.
    receiver.answers.set('/again', (response, { headers }) => {
      if (!before.has(headers['webhook-id'])) response.writeHead(204).end()
      else held.push(() => response.writeHead(503).end())
    })
    assert.deepEqual((await api.post(`/v1/webhooks/${hook}/replay`, { from })).body, { replayed: 4, hasMore: false })
    await receiver.until('/again', 6)
    for (const job of jobs) await cancel(job)
    await deliveries(api, hook, (all) => all.length === 8)
    held.shift()?.()
    const all = await receiver.until('/again', (got) => got.filter(({ body }) => body.type === 'job.cancelled').length === 4)
    assert.equal(all.length, 10, 'of the replays no more than the two that were under way')
    assert.deepEqual(
      all.slice(6).map(({ body }) => body.data.job.id),
      jobs,
    )
    receiver.answers.delete('/again')
    for (const fail of held) fail()
    const over = await deliveries(api, hook, (shown) => shown.every(({ status }) => status === 'delivered'))
    assert.equal(over.length, 8)
    assert.equal((await api.remove(`/v1/webhooks/${hook}`)).status, 204)
  })

  it('of too much that waits chatty events are dropped first, and starts and ends last; each webhook counts and lists what it lost', async () => {
    receiver.answers.set('/busy', (response) => response.writeHead(503).end())
    const hooks: string[] = []
    for (let made = 0; made < maxWebhooks; made += 1)
      hooks.push(await create('/busy', ['job.queued', 'job.started', 'job.epoch', 'job.cancelled']))
    await submit()
    const claim = await api.claim()
    await claim.commit({ events: [{ type: 'epoch', data: { epoch: 1, loss: 1 } }] })
    const jobs: string[] = []
    for (let made = 0; made < 26; made += 1) jobs.push(await submit())
    // 20 times queued, started and epoch, 26 times queued: as many more are lost as go beyond the bound.
    const ends = maxPendingDeliveries / maxWebhooks - 26
    for (const job of jobs.slice(0, ends)) await cancel(job)
    for (const hook of hooks) {
      const all = await deliveries(api, hook, (shown) => shown.length === 3 + 26 + ends && shown.some(({ status }) => status === 'dropped'))
      const lost = all.filter(({ status }) => status === 'dropped').map(({ type }) => type)
      assert.ok(lost.includes('job.epoch'), String(lost))
      assert.deepEqual(
        lost.filter((type) => type !== 'job.epoch' && type !== 'job.queued'),
        [],
      )
    }
    const page = (await api.get(`/v1/webhooks?limit=${maxWebhooks}`)).body.data as { dropped: number }[]
    assert.equal(
      page.reduce((sum, { dropped }) => sum + dropped, 0),
      (3 + 26 + ends) * maxWebhooks - maxPendingDeliveries,
    )
  })
})

it('what was told is told once, though the database cannot keep that for a while', async () => {
  const database = await createTestDatabase()
  const proxy = await openProxy(database.url)
  const receiver = await openReceiver()
  const api = await openTestApi({ outbound, stored: { url: proxy.url, close: async () => {} } })
  try {
    const { id } = (await api.post('/v1/webhooks', { url: `${receiver.origin}/once`, events: ['job.queued'] })).body
    receiver.answers.set('/once', (response) => {
      proxy.cut()
      response.writeHead(204).end()
      setTimeout(proxy.restore, 1000)
    })
    await api.submit()
    await receiver.until('/once', 1)
    const [delivery] = await deliveries(api, id, (all) => all[0]?.status === 'delivered')
    assert.equal(delivery?.attempts, 1)
    assert.equal(receiver.at('/once').length, 1)
  } finally {
    await api.close()
    await receiver.close()
    await proxy.close()
    await database.close()
  }
})

type Shown = { status: string; type: string; attempts: number }

/** A webhook's deliveries, the oldest first, once they fulfil a condition. */
const deliveries = async (api: TestApi, id: string, isDone: (all: Shown[]) => boolean): Promise<Shown[]> => {
  for (let end = Date.now() + 60_000; ; ) {
    const { body } = await api.get(`/v1/webhooks/${id}/deliveries?limit=100`)
    const all = (body.data ?? []).reverse()
    if (isDone(all)) return all
    assert.ok(Date.now() < end, JSON.stringify(all.map(({ status, type }: Shown) => [status, type])))
    await new Promise((done) => setTimeout(done, 20))
  }
}
