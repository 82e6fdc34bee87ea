/** /v1/uploads: how much the parts of a file, and of all open files of a tenant, may come to. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { maxPartBytes } from '../../../src/api/upload.schema.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { uploadClient } from '../../support/uploads.ts'

let api: TestApi
const mib = 2 ** 20
before(async () => {
  // A file may be 64 times as large, 16 MiB, and those of a tenant four times that.
  api = await openTestApi({ bodyLimit: mib / 4, apiKeys: ['eve', 'fay'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })) })
})
after(() => api.close())

const as = (tenant: string) => uploadClient(api, tenant)

it('parts that make a file larger than a file may be are refused, and so are those that a tenant has no room for', async () => {
  const eve = as('eve')
  const whole = Buffer.alloc(maxPartBytes)
  assertProblem(await eve.create({ contentType: 'text/csv', bytes: 16 * mib + 1 }), 413, 'BODY_TOO_LARGE')
  const { id } = await eve.begin()
  assertProblem(await eve.put(id, 1, Buffer.alloc(maxPartBytes + 1)), 413, 'BODY_TOO_LARGE')
  assert.equal((await eve.put(id, 1, whole)).status, 200)
  assertProblem(await eve.put(id, 2, 'x'), 413, 'BODY_TOO_LARGE')
  assert.equal((await eve.put(id, 1, whole)).status, 200, 'in the place of the other it fits')
  for (let at = 0; at < 3; at++) assert.equal((await eve.put((await eve.begin()).id, 1, whole)).status, 200)
  const last = await eve.begin()
  assertProblem(await eve.put(last.id, 1, 'x'), 413, 'QUOTA_EXCEEDED')
  assert.equal((await eve.remove(id)).status, 204)
  assert.equal((await eve.put(last.id, 1, 'x')).status, 200)
})

it('parts that come at once do not together find room that each alone would have', async () => {
  const fay = as('fay')
  const ids: string[] = []
  for (let at = 0; at < 7; at++) ids.push((await fay.begin()).id)
  const whole = await Promise.all(ids.map((id) => fay.put(id, 1, Buffer.alloc(maxPartBytes))))
  assert.deepEqual(whole.map(({ status }) => status).sort(), [200, 200, 200, 200, 413, 413, 413])
  for (const answer of whole.filter(({ status }) => status === 413)) assertProblem(answer, 413, 'QUOTA_EXCEEDED')
  for (const [at, id] of ids.entries()) if (whole[at]?.status === 200) await fay.remove(id)
  const [one = ''] = ids.filter((_, at) => whole[at]?.status === 413)
  const halves = await Promise.all([1, 2, 3, 4].map((number) => fay.put(one, number, Buffer.alloc(maxPartBytes / 2))))
  assert.deepEqual(halves.map(({ status }) => status).sort(), [200, 200, 413, 413])
  assert.equal((await fay.get(`/uploads/${one}`)).body.receivedBytes, maxPartBytes)
})
