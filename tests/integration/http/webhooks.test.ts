/** Webhooks: receivers on this machine are told of what happens to jobs. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { success } from '../../support/batches.ts'
import { openReceiver, type Received, type Receiver } from '../../support/receiver.ts'
import { notebook } from '../../support/worker.ts'

const key = (tenant: string) => ({ authorization: `Bearer secret-of-${tenant}` })
const ends = ['job.succeeded', 'job.failed', 'job.cancelled']

describe('webhooks', () => {
  let api: TestApi
  let receiver: Receiver
  before(async () => {
    receiver = await openReceiver()
    api = await openTestApi({
      outbound: { allowHttp: true, allowPrivate: true },
      apiKeys: ['ann', 'ben', 'cat', 'dan', 'eve'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })),
    })
  })
  after(async () => {
    await api.close()
    await receiver.close()
  })

  const create = async (tenant: string, path: string, events = ends) => {
    const { status, body, headers } = await api.post('/v1/webhooks', { url: receiver.origin + path, events }, key(tenant))
    assert.equal(status, 201, JSON.stringify(body))
    assert.equal(headers.location, `/v1/webhooks/${body.id}`)
    return body
  }
  const submit = async (tenant: string, parts = {}) => {
    const { status, body } = await api.post('/v1/jobs', notebook(parts), key(tenant))
    assert.equal(status, 202, JSON.stringify(body))
    return body
  }
  const cancelled = async (tenant: string, parts = {}) => {
    const { id } = await submit(tenant, parts)
    assert.equal((await api.post(`/v1/jobs/${id}/cancel`, undefined, key(tenant))).status, 200)
    return id
  }
  const typesOf = (all: Received[]) => all.map(({ body }) => body.type)
  /** A webhook's deliveries, the oldest first, once they fulfil a condition. */
  const deliveries = async (tenant: string, id: string, isDone: (all: Received['body'][]) => boolean) => {
    for (let end = Date.now() + 60_000; ; ) {
      const { body } = await api.get(`/v1/webhooks/${id}/deliveries?limit=100`, key(tenant))
      const all = body.data.reverse()
      if (isDone(all)) return all
      assert.ok(Date.now() < end, JSON.stringify(all))
      await new Promise((done) => setTimeout(done, 20))
    }
  }
  const areOver = (all: Received['body'][]) => all.length > 0 && all.every(({ status }) => status !== 'pending')

  it('a receiver is told in order of what its tenant asked for and of nobody else, signed so that the verifier of the rules agrees', async () => {
    const events = ['job.queued', 'job.started', 'job.epoch', 'job.succeeded']
    const { id, secret } = await create('ann', '/all', events)
    await cancelled('ben')
    const job = await submit('ann', { metadata: { about: 'hooks' } })
    const claim = await api.claim()
    for (let epoch = 1; epoch <= 5; epoch += 1) await claim.commit({ events: [{ type: 'epoch', data: { epoch, loss: 1 / epoch } }] })
    await claim.commit({ events: [{ type: 'epoch', data: { epoch: 6, loss: 'NaN' } }], closing: success })
    const told = await receiver.until('/all', (all) => all.at(-1)?.body.type === 'job.succeeded')
    assert.deepEqual([...new Set(typesOf(told))], events)
    const seqs = told.map(({ body }) => body.data.seq)
    assert.deepEqual(
      seqs,
      seqs.toSorted((one, other) => one - other),
    )
    const epochs = told.filter(({ body }) => body.type === 'job.epoch')
    assert.ok(epochs.length < 6, 'epochs that follow each other closely are told by the last of them')
    assert.equal(epochs.at(-1)?.body.data.event.epoch, 6)
    for (const { headers, text, body } of told) {
      assert.deepEqual(new Webhook(secret).verify(text, headers as Record<string, string>), body)
      assert.match(String(headers['content-type']), /^application\/json/)
      assert.equal(body.data.job.id, job.id)
      assert.deepEqual(body.data.job.metadata, { about: 'hooks' })
    }
    assert.equal(told.at(-1)?.body.data.job.status, 'succeeded')
    assert.equal(new Set(told.map(({ headers }) => headers['webhook-id'])).size, told.length)
    const shown = await deliveries('ann', id, areOver)
    assert.deepEqual(
      shown.map((one: { type: string }) => one.type),
      typesOf(told),
    )
    const [{ lastAttempt, ...first }] = shown
    assert.deepEqual(
      [first.status, first.attempts, first.jobId, first.nextAttemptAt, lastAttempt.status, lastAttempt.error],
      ['delivered', 1, job.id, null, 204, null],
    )
    assert.equal(lastAttempt.body, null, 'the answer of a private address is not kept')
    for (const path of [`/v1/webhooks/${id}`, `/v1/webhooks/${id}/deliveries`, `/v1/webhooks/${id}/deliveries/${first.id}`])
      assertProblem(await api.get(path, key('ben')), 404, 'NOT_FOUND')
    assert.equal(JSON.stringify(await api.get(`/v1/webhooks/${id}`, key('ann'))).includes('whsec_'), false)
  })

  it('chatty events of a job are at least half a second apart, and the end follows the last of them', async () => {
    await create('cat', '/chatty', ['job.epoch', ...ends])
    await submit('cat')
    const claim = await api.claim()
    const epoch = (number: number) => ({ type: 'epoch' as const, data: { epoch: number, loss: 1 } })
    await claim.commit({ events: [epoch(1)] })
    await receiver.until('/chatty', 1)
    for (let number = 2; number < 9; number += 1) await claim.commit({ events: [epoch(number)] })
    await receiver.until('/chatty', 2)
    await claim.commit({ events: [epoch(9)], closing: success })
    const told = await receiver.until('/chatty', (all) => all.at(-1)?.body.type === 'job.succeeded')
    const epochs = told.filter(({ body }) => body.type === 'job.epoch')
    assert.equal(epochs.at(-1)?.body.data.event.epoch, 9)
    for (const [at, { at: time }] of epochs.entries())
      if (at > 0) assert.ok(time - (epochs[at - 1]?.at ?? 0) > 450, `${epochs.map((one) => one.at)}`)
  })

  it("a job's own webhook is signed with the tenant's secret, told of the end unless it says more, and outlives the job", async () => {
    const { secret } = (await api.get('/v1/webhooks/secret', key('ben'))).body
    const webhook = { url: `${receiver.origin}/own` }
    const { id, config } = await submit('ben', { webhook })
    assert.deepEqual(config.webhook, { ...webhook, events: ends })
    const own = (await api.get(`/v1/webhooks?jobId=${id}`, key('ben'))).body.data
    assert.deepEqual(
      own.map(({ jobId, url }: { jobId: string; url: string }) => [jobId, url]),
      [[id, webhook.url]],
    )
    assert.deepEqual((await api.get('/v1/webhooks', key('ben'))).body.data, [])
    assertProblem(await api.post(`/v1/webhooks/${own[0].id}/rotate-secret`, undefined, key('ben')), 409, 'CONFLICT')
    await api.post(`/v1/jobs/${id}/cancel`, undefined, key('ben'))
    const [told] = await receiver.until('/own', 1)
    assert.ok(told)
    new Webhook(secret).verify(told.text, told.headers as Record<string, string>)
    assert.equal(told.body.data.job.config.webhook, undefined)
    assert.equal((await api.remove(`/v1/jobs/${id}`, key('ben'))).status, 204)
    const [delivery] = await deliveries('ben', own[0].id, areOver)
    const rotated = (await api.post('/v1/webhooks/secret', undefined, key('ben'))).body
    assert.notEqual(rotated.secret, secret)
    assert.ok(Date.parse(rotated.previousSecretExpiresAt) > Date.now())
    assert.equal((await api.post(`/v1/webhooks/${own[0].id}/deliveries/${delivery.id}/replay`, undefined, key('ben'))).status, 202)
    const [, again] = await receiver.until('/own', 2)
    assert.ok(again)
    assert.equal(again.text, told.text)
    assert.equal(again.headers['webhook-id'], told.headers['webhook-id'])
    for (const one of [secret, rotated.secret]) new Webhook(one).verify(again.text, again.headers as Record<string, string>)
  })

  it('a secret that was replaced signs beside the new one; tests and replays of one and of a time are sent with their ids', async () => {
    const { id, secret } = await create('dan', '/rotated')
    const rotated = (await api.post(`/v1/webhooks/${id}/rotate-secret`, undefined, key('dan'))).body
    assert.ok(Date.parse(rotated.previousSecretExpiresAt) > Date.now() + 23 * 3_600_000)
    const tested = await api.post(`/v1/webhooks/${id}/test`, undefined, { ...key('dan'), 'idempotency-key': 'test-once' })
    assert.deepEqual([tested.status, tested.body.type], [202, 'webhook.test'])
    assert.equal(
      (await api.post(`/v1/webhooks/${id}/test`, undefined, { ...key('dan'), 'idempotency-key': 'test-once' })).body.id,
      tested.body.id,
    )
    await cancelled('dan')
    const told = await receiver.until('/rotated', 2)
    assert.deepEqual(typesOf(told).sort(), ['job.cancelled', 'webhook.test'])
    for (const { text, headers } of told)
      for (const one of [secret, rotated.secret]) new Webhook(one).verify(text, headers as Record<string, string>)
    await deliveries('dan', id, areOver)
    const range = { from: tested.body.createdAt, status: 'delivered' }
    assert.deepEqual((await api.post(`/v1/webhooks/${id}/replay`, range, key('dan'))).body, { replayed: 2, hasMore: false })
    const again = await receiver.until('/rotated', 4)
    assert.deepEqual(
      new Set(again.slice(2).map(({ headers }) => headers['webhook-id'])),
      new Set(told.map(({ headers }) => headers['webhook-id'])),
    )
    assert.deepEqual(
      (await api.post(`/v1/webhooks/${id}/replay`, { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }, key('dan'))).body.replayed,
      0,
    )
    for (const path of ['test', 'replay', 'rotate-secret', `deliveries/${tested.body.id}/replay`])
      assertProblem(await api.post(`/v1/webhooks/${id}/${path}`, path === 'replay' ? range : undefined, key('ann')), 404, 'NOT_FOUND')
    assertProblem(await api.remove(`/v1/webhooks/${id}`, key('ann')), 404, 'NOT_FOUND')
    assert.equal((await api.remove(`/v1/webhooks/${id}`, key('dan'))).status, 204)
  })

  it('a receiver that hangs, redirects or fails delays nobody; it is tried again in order; 410 disables; of gigabytes little is read', async () => {
    const redirect = { location: 'http://169.254.169.254/latest/meta-data/' }
    const open: (() => void)[] = []
    receiver.answers.set('/hangs', (response) => open.push(() => response.writeHead(204).end()))
    receiver.answers.set('/moved', (response) => response.writeHead(302, redirect).end())
    receiver.answers.set('/gone', (response) => response.writeHead(410).end())
    receiver.answers.set('/endless', (response) => {
      response.writeHead(200)
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        if (!response.destroyed) response.once('drain', write)
      }
      write()
    })
    let refusals = 1
    receiver.answers.set('/busy', (response) => response.writeHead(refusals-- > 0 ? 503 : 200).end('a'.repeat(2000)))
    const hooks = Object.fromEntries(
      await Promise.all(
        ['/hangs', '/moved', '/gone', '/endless', '/busy', '/well'].map(async (path) => [
          path,
          await create('eve', path, ['job.queued', ...ends]),
        ]),
      ),
    )
    await cancelled('eve')
    assert.deepEqual(typesOf(await receiver.until('/well', 2)), ['job.queued', 'job.cancelled'])
    await deliveries('eve', hooks['/endless'].id, areOver)
    const [gone] = await deliveries('eve', hooks['/gone'].id, (all) => all[0]?.status === 'failed')
    const disabled = (await api.get(`/v1/webhooks/${hooks['/gone'].id}`, key('eve'))).body
    assert.deepEqual([disabled.status, disabled.disabledReason], ['disabled', 'gone'])
    assertProblem(await api.post(`/v1/webhooks/${disabled.id}/test`, undefined, key('eve')), 409, 'CONFLICT')
    receiver.answers.delete('/gone')
    const enabled = await api.send({
      method: 'PATCH',
      url: `/v1/webhooks/${disabled.id}`,
      payload: { status: 'enabled' },
      headers: key('eve'),
    })
    assert.deepEqual([enabled.body.status, enabled.body.disabledReason], ['enabled', null])
    await api.post(`/v1/webhooks/${disabled.id}/deliveries/${gone.id}/replay`, undefined, key('eve'))
    await receiver.until('/gone', (all) => all.filter(({ headers }) => headers['webhook-id'] === gone.id).length === 2)
    const [moved] = await deliveries('eve', hooks['/moved'].id, (all) => all[0]?.attempts > 0 && all[0].lastAttempt)
    assert.match(moved.lastAttempt.error, /302: redirects are not followed/)
    const [first, second, third] = await receiver.until('/busy', 3)
    assert.ok(first && second && third)
    assert.deepEqual(typesOf([first, second, third]), ['job.queued', 'job.queued', 'job.cancelled'])
    assert.ok(second.at - first.at >= 2900)
    assert.equal(receiver.at('/hangs').length, 1)
    for (const end of open) end()
  })
})
