/** What becomes of event streams, and of connections without one, when the service closes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { collect, eventsOf, openStream, serveTestApi, unwatched } from '../../support/event-stream.ts'

describe('the end of the service', () => {
  it('the end of the service ends every stream, so that its client can go on elsewhere', async (t) => {
    const api = await serveTestApi()
    t.after(() => api.close())
    const { id } = await api.submit()
    const events = eventsOf((await openStream(api.addressOf(id))).blocks)
    assert.equal((await events.next()).value?.event, 'queued')
    const [rest] = await Promise.all([collect(events), api.app.close()])
    assert.deepEqual(rest, [])
    assert.equal(api.watches(), 0)
  })

  it('the end of the service is not held up by a connection on which nothing was asked', async (t) => {
    const api = await serveTestApi()
    t.after(() => api.close())
    const { port, hostname } = new URL(api.url)
    const client = connect(Number(port), hostname)
    await once(api.app.server, 'connection')
    // Node itself would give it a minute.
    const late = setTimeout(() => client.destroy(new Error('the connection was not dropped')), 30_000)
    const closed = api.app.close()
    await once(client, 'close')
    clearTimeout(late)
    await closed
  })

  it('the end of the service is not held up by a client that reads nothing, for which no more is read than fits on the line', async (t) => {
    const api = await serveTestApi()
    t.after(() => api.close())
    const { id } = await api.submit()
    const worker = await api.claim()
    const long = { message: 'x'.repeat(20_000) }
    const events = Array.from({ length: 2000 }, () => ({ type: 'warning' as const, data: long }))
    await worker.commit({ events })
    const { port, hostname } = new URL(api.url)
    const client = connect(Number(port), hostname)
    client.on('error', () => {})
    const [served] = (await once(api.app.server, 'connection')) as [Socket]
    client.pause().write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`)
    while (!served.writableNeedDrain) await turn()
    // Time enough to read all of it twice.
    const sizes = [JSON.stringify(await api.list(id)).length, JSON.stringify(await api.list(id)).length]
    assert.ok(served.bytesWritten < Math.min(...sizes) / 2, `${served.bytesWritten} of ${sizes[0]} bytes`)
    await api.app.close()
    await unwatched(api)
    client.destroy()
  })
})
