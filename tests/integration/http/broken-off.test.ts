/** Bodies that end too early, however and wherever: the service lives on, keeps nothing of them, and takes the next one. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { breakOff, exchange, requestHead } from '../../support/raw-http.ts'

let api: TestApi
let port: number
before(async () => {
  api = await openTestApi()
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as AddressInfo).port
})
after(() => api.close())

const part = (head: string, content: string): string => `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
const file = part('name="file"; filename="a.csv"', 'x,y\n1,2\n')
const options = part('name="options"; filename="o.json"\r\nContent-Type: application/json', '{"features":["x"]}')
const form = { 'content-type': 'multipart/form-data; boundary=XX' }
const csv = { 'content-type': 'text/csv' }

const uploads: Record<string, { headers: Record<string, string>; body: string; at: number[] }> = {
  'a CSV': { headers: csv, body: 'x,y\n1,2\n', at: [0, 1, 4, 7] },
  'a CSV of many packets': { headers: csv, body: `x,y\n${'1,2\n'.repeat(100_000)}`, at: [130_000, 399_999] },
  JSON: { headers: { 'content-type': 'application/json' }, body: '{"rows":[{"x":1,"y":2}]}', at: [0, 1, 12, 23] },
  'a form': { headers: form, body: `${file}--XX--\r\n`, at: [0, 3, 40, file.length - 6, file.length - 1, file.length, file.length + 4] },
  'a form with options as a file': {
    headers: form,
    body: `${options}${file}--XX--\r\n`,
    at: [90, 110, 130, options.length + 3, options.length + 85],
  },
  'a form with options behind its file': { headers: form, body: `${file}${options}--XX--\r\n`, at: [file.length + 110, file.length + 130] },
  'a form with a second file': { headers: form, body: `${file}${file}--XX--\r\n`, at: [file.length + 40, file.length + 85] },
}

const stored = () => api.bench.database.prisma.dataset.count()
const keys = () => api.bench.database.prisma.idempotencyKey.count()

/** Waits until nothing is stored: what was begun is cleared away behind its connection's back. */
const isCleared = async (): Promise<void> => {
  const end = Date.now() + 10_000
  for (;;) {
    const found = { datasets: await stored(), keys: await keys() }
    if (found.datasets === 0 && found.keys === 0) return
    if (Date.now() > end) assert.deepEqual(found, { datasets: 0, keys: 0 })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

for (const [name, { headers, body, at }] of Object.entries(uploads))
  describe(`${name} that breaks off`, () => {
    for (const how of ['FIN', 'RST'] as const)
      for (const keyed of [false, true])
        it(`by ${how}${keyed ? ' with an Idempotency-Key' : ''} leaves nothing behind`, async () => {
          let arrived = 0
          const count = () => arrived++
          api.app.server.on('request', count)
          for (const position of at) {
            const key: Record<string, string> = keyed ? { 'idempotency-key': `${name} ${how} ${position}` } : {}
            const head = requestHead('POST', '/v1/datasets', { ...headers, ...key }, body.length)
            await breakOff(port, head + body.slice(0, position), how)
          }
          while (arrived < at.length) await new Promise(setImmediate)
          api.app.server.off('request', count)
          await isCleared()
        })

    it(`${name} that breaks off is told so where it says that it is complete`, async () => {
      for (const position of at.filter((one) => one < body.length && headers === form)) {
        const cut = body.slice(0, position)
        const head = requestHead('POST', '/v1/datasets', { ...headers, connection: 'close' }, cut.length)
        assert.match(await exchange(port, head + cut), /^HTTP\/1\.1 (400|422) /, `${position}`)
      }
    })
  })

describe('a body that was sent before under its Idempotency-Key', () => {
  for (const [name, { headers, body, at }] of Object.entries(uploads)) {
    it(`a body that was sent before under its Idempotency-Key is answered again, whole or broken off: ${name}`, async () => {
      const keyed = { ...headers, 'idempotency-key': `again ${name}` }
      const first = await exchange(port, requestHead('POST', '/v1/datasets', { ...keyed, connection: 'close' }, body.length) + body)
      assert.match(first, /^HTTP\/1\.1 (201|422) /)
      const count = await stored()
      for (const position of at)
        for (const how of ['FIN', 'RST'] as const)
          await breakOff(port, requestHead('POST', '/v1/datasets', keyed, body.length) + body.slice(0, position), how)
      const again = await exchange(port, requestHead('POST', '/v1/datasets', { ...keyed, connection: 'close' }, body.length) + body)
      assert.equal(again.slice(0, 12), first.slice(0, 12))
      assert.equal(await stored(), count)
    })
  }
})
