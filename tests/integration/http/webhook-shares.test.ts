/** Who has many receivers that hang leaves room for the webhooks of others. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { openReceiver, type Receiver } from '../../support/receiver.ts'
import { notebook } from '../../support/worker.ts'

const key = (tenant: string) => ({ authorization: `Bearer secret-of-${tenant}` })

let api: TestApi
let receiver: Receiver
before(async () => {
  receiver = await openReceiver()
  api = await openTestApi({
    outbound: { allowHttp: true, allowPrivate: true },
    apiKeys: ['ann', 'ben'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })),
  })
})
after(async () => {
  await api.close()
  await receiver.close()
})

const submit = async (tenant: string, path: string): Promise<void> => {
  const webhook = { url: receiver.origin + path, events: ['job.queued'] }
  assert.equal((await api.post('/v1/jobs', notebook({ webhook }), key(tenant))).status, 202)
}

it('a tenant whose 120 receivers hang has about 64 attempts at a time, and another is told all the same', async () => {
  let open = 0
  let most = 0
  receiver.answers.set('/hangs', (response) => {
    open += 1
    most = Math.max(most, open)
    response.on('close', () => {
      open -= 1
    })
  })
  for (let at = 0; at < 12; at++) await Promise.all(Array.from({ length: 10 }, () => submit('ann', '/hangs')))
  await receiver.until('/hangs', 60)
  await submit('ben', '/well')
  await receiver.until('/well', 1)
  // Claims that were made at one moment, of as many as there are connections, may all find room.
  assert.ok(most <= 64 + 10, `${most} at a time`)
})
