/** What the client does with webhooks, tried with a receiver on this machine. */
import assert from 'node:assert/strict'
import { Webhook } from 'standardwebhooks'
import { openReceiver, type Received } from '../receiver.ts'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

/** Makes, changes, tests and replays a webhook; what it is told proves to come from the service. */
export const tellWebhooks = async (library: Any, config: object): Promise<void> => {
  const { client } = library
  const receiver = await openReceiver()
  try {
    const made = await client.webhooks.create({ url: `${receiver.origin}/all`, events: ['job.failed'], description: 'a try' })
    const { secret, ...webhook } = made
    assert.deepEqual(await client.webhooks.get(made.id), webhook)
    assert.deepEqual((await client.webhooks.update(made.id, { events: ['job.succeeded'] })).events, ['job.succeeded'])
    assert.deepEqual(
      (await client.webhooks.list({ limit: 1 }).toArray()).map(({ id }: { id: string }) => id),
      [made.id],
    )
    const job = await client.jobs.train({ ...config, webhook: { url: `${receiver.origin}/one` } })
    const [told, tested] = await tellTwice(client, made.id, receiver)
    await verifyWhatCame(library, told, secret, job.id)
    await replay(client, made.id, receiver, told)
    await rotate(library, made.id, receiver, { secret, tested })

    const [ofJob] = await receiver.until('/one', 1)
    assert.ok(ofJob)
    await library.verifyWebhook(ofJob.text, ofJob.headers, (await client.webhooks.tenantSecret()).secret)
    const [own] = await client.webhooks.list({ jobId: job.id }).toArray()
    assert.equal(own.jobId, job.id)
    const before = (await client.webhooks.tenantSecret()).secret
    assert.notEqual((await client.webhooks.rotateTenantSecret()).secret, before)
    await client.webhooks.delete(made.id)
    await assert.rejects(client.webhooks.get(made.id), { name: 'NotFoundError' })
  } finally {
    await receiver.close()
  }
}

type Receiver = Awaited<ReturnType<typeof openReceiver>>

/** The end of a job, and a test. */
const tellTwice = async (client: Any, id: string, receiver: Receiver): Promise<[Received, Received]> => {
  await receiver.until('/all', 1)
  const { id: testId, status, type } = await client.webhooks.test(id)
  assert.deepEqual([status, type], ['pending', 'webhook.test'])
  const [told, tested] = await receiver.until('/all', 2)
  assert.ok(told && tested)
  assert.deepEqual([told.body.type, tested.body.type, tested.headers['webhook-id']], ['job.succeeded', 'webhook.test', testId])
  return [told, tested]
}

const verifyWhatCame = async ({ verifyWebhook, SignatureError }: Any, { text, headers }: Received, secret: string, jobId: string) => {
  const event = await verifyWebhook(text, headers, secret)
  assert.deepEqual([event.type, event.data.job.id], ['job.succeeded', jobId])
  const asHeaders = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  assert.deepEqual(await verifyWebhook(new TextEncoder().encode(text), asHeaders, secret), event)
  const at = new Date(Date.now() - 3_600_000)
  const old = {
    'webhook-id': 'dlv_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('dlv_1', at, text),
  }
  await verifyWebhook(text, old, secret, { toleranceSeconds: 4000 })
  const refused = [
    [text.replace('succeeded', 'failed'), headers, secret],
    [text, { ...headers, 'webhook-id': 'dlv_another' }, secret],
    [text, { ...headers, 'webhook-signature': 'v1,!' }, secret],
    [text, { ...headers, 'webhook-signature': undefined }, secret],
    [text, headers, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    [text, old, secret],
  ]
  for (const [at, args] of refused.entries()) await assert.rejects(verifyWebhook(...args), SignatureError, `${at}`)
  await assert.rejects(verifyWebhook(text, headers, 'whsec_'), TypeError)
}

const replay = async (client: Any, id: string, receiver: Receiver, { headers }: Received): Promise<void> => {
  const known = headers['webhook-id']
  assert.equal((await client.webhooks.delivery(id, known)).type, 'job.succeeded')
  await client.webhooks.replay(id, known)
  assert.equal((await receiver.until('/all', 3)).at(-1)?.headers['webhook-id'], known)
  // What was sent again is over once the service has stored the receiver's answer.
  for (let over = []; over.length < 2; ) over = await client.webhooks.deliveries(id, { status: 'delivered', limit: 1 }).toArray()
  const { replayed } = await client.webhooks.replayRange(id, { from: '2020-01-01T00:00:00Z', status: 'delivered' })
  assert.equal(replayed, 2)
  await receiver.until('/all', 5)
}

/** For a day what was signed before is signed with both. */
const rotate = async (
  { client, verifyWebhook }: Any,
  id: string,
  receiver: Receiver,
  { secret, tested }: { secret: string; tested: Received },
): Promise<void> => {
  await verifyWebhook(tested.text, tested.headers, secret)
  const rotated = await client.webhooks.rotateSecret(id)
  assert.notEqual(rotated.secret, secret)
  await client.webhooks.test(id)
  const last = (await receiver.until('/all', 6)).at(-1)
  assert.ok(last)
  for (const one of [secret, rotated.secret]) assert.equal((await verifyWebhook(last.text, last.headers, one)).type, 'webhook.test')
}
