/** /v1/uploads: how much the parts of a file, and of all open files of a tenant, may come to. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { maxPartBytes } from '../../../src/api/upload.schema.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { exchange, openSocket, received, requestHead } from '../../support/raw-http.ts'
import { uploadClient } from '../../support/uploads.ts'

let api: TestApi
const mib = 2 ** 20
before(async () => {
  // A file may be 64 times as large, 16 MiB, and those of a tenant four times that.
  api = await openTestApi({
    bodyLimit: mib / 4,
    apiKeys: ['eve', 'fay', 'gil'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })),
  })
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

it('a part for which there is no room is refused before it is read, or as soon as it is too long', async () => {
  const gil = as('gil')
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo
  const { id } = await gil.begin()
  assert.equal((await gil.put(id, 1, Buffer.alloc(maxPartBytes - mib))).status, 200)
  const head = (number: number, headers: Record<string, string>, length?: number): string =>
    requestHead(
      'PUT',
      `/v1/uploads/${id}/parts/${number}`,
      { 'x-api-key': 'secret-of-gil', 'content-type': 'application/octet-stream', ...headers },
      length,
    )
  const refused = /^HTTP\/1\.1 413 .*\r\nconnection: close\r\n.*"code":"BODY_TOO_LARGE".*"path":"\/body"/is
  const waits = { expect: '100-continue' }
  assert.match(await exchange(port, head(2, waits, mib + 1)), refused)
  assert.match(
    await exchange(port, `${head(3, { ...waits, connection: 'close' }, mib)}${'x'.repeat(mib)}`),
    /^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /is,
  )

  const socket = await openSocket(port)
  const answer = received(socket)
  socket.write(head(2, { 'transfer-encoding': 'chunked' }))
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, ' '), Buffer.from('\r\n')])
  // It never ends: only its length can have been the reason.
  for (let sent = 0; sent < 32; sent++) if (!socket.write(chunk)) await once(socket, 'drain')
  assert.match(await answer, refused)
  socket.destroy()
  assert.equal((await gil.get(`/uploads/${id}`)).body.partCount, 2)
})
