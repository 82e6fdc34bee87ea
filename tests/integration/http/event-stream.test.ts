/** The events of a job as server-sent events, over real connections. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EventSource } from 'eventsource'
import { assertProblem, pathsOf } from '../../support/api.ts'
import { type Block, collect, eventsOf, openStream, type ServedApi, serveTestApi, unwatched } from '../../support/event-stream.ts'
import { notebook } from '../../support/worker.ts'

const ann = { authorization: 'Bearer first' }
const bob = { authorization: 'Bearer second' }
const keys = [
  { tenant: 'ann', secret: 'first' },
  { tenant: 'bob', secret: 'second' },
]
const asStream = { accept: 'text/event-stream' }

const epoch = (number: number) => ({ events: [{ type: 'epoch' as const, data: { epoch: number, loss: 1 / number } }] })
const numbers = (blocks: Block[]): number[] => blocks.map(({ id }) => Number(id))
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

describe('while a worker trains', () => {
  let api: ServedApi
  before(async () => {
    api = await serveTestApi()
    api.bench.work()
  })
  after(() => api.close())
  const training = { training: { epochs: 40, batchSize: 10, seed: 1 } }

  it('a stream tells all that happens, in the words of the list, and ends with the job; so do others, not as far', async () => {
    const { id } = await api.submit(training)
    const others = upTo(30).map((at) => openStream(api.addressOf(id), { headers: { 'last-event-id': `${at % 3}` } }))
    const { response, blocks } = await openStream(api.addressOf(id))
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.match(response.headers.get('cache-control') ?? '', /no-store/)
    const told = await collect(eventsOf(blocks))
    const events = await api.list(id)
    assert.deepEqual(
      told.map(({ data }) => JSON.parse(data)),
      events,
    )
    assert.deepEqual(numbers(told), upTo(events.length))
    for (const { event, data } of told) assert.equal(event, JSON.parse(data).type)
    assert.equal(told.filter(({ event }) => event === 'epoch').length, 40)
    assert.equal(told.at(-1)?.event, 'succeeded')
    for (const [at, { blocks: more }] of (await Promise.all(others)).entries())
      assert.deepEqual(numbers(await collect(eventsOf(more))), upTo(events.length, ((at + 1) % 3) + 1))
    await unwatched(api)
  })

  it('a client that is cut off again and again goes on where it stopped, and misses and repeats nothing', async () => {
    const { id } = await api.submit(training)
    const told: Block[] = []
    for (let connections = 0; told.at(-1)?.event !== 'succeeded'; connections++) {
      assert.ok(connections < 100)
      const cut = new AbortController()
      const last: Record<string, string> = told.length > 0 ? { 'last-event-id': String(told.at(-1)?.id) } : {}
      const { blocks } = await openStream(api.addressOf(id), { headers: last, signal: cut.signal })
      let some = 0
      for await (const block of eventsOf(blocks)) {
        told.push(block)
        if (++some === 7) break
      }
      cut.abort()
    }
    const events = await api.list(id)
    assert.deepEqual(
      told.map(({ data }) => JSON.parse(data ?? '')),
      events,
    )
    await unwatched(api)
  })

  it('an EventSource follows it to the end, and then stays away by itself', async () => {
    const { id } = await api.submit(training)
    const source = new EventSource(api.addressOf(id))
    const told: string[] = []
    for (const type of ['queued', 'started', 'epoch', 'succeeded'])
      source.addEventListener(type, ({ lastEventId }) => told.push(lastEventId))
    // It takes every end of a stream for a lost connection, and comes back until it gets a 204.
    while (source.readyState !== source.CLOSED) await new Promise((failed) => source.addEventListener('error', failed, { once: true }))
    assert.deepEqual(told.map(Number), upTo(43))
  })
})

describe('a stream', () => {
  let api: ServedApi
  before(async () => {
    api = await serveTestApi({ apiKeys: keys, quietMs: 50, openPerTenant: 5 })
  })
  after(() => api.close())
  const submit = async (): Promise<string> => {
    return (await api.post('/v1/jobs', notebook(), ann)).body.id
  }
  const read = (id: string, headers: Record<string, string> = {}) => api.get(`/v1/jobs/${id}/events`, { ...ann, ...headers })

  it('a stream tells what is stored, then each event once it is', async () => {
    const id = await submit()
    const { blocks } = await openStream(api.addressOf(id), { headers: ann })
    const events = eventsOf(blocks)
    const next = async () => (await events.next()).value?.event
    assert.equal(await next(), 'queued')
    const worker = await api.claim()
    assert.equal(await next(), 'started')
    await worker.commit(epoch(1))
    assert.equal(await next(), 'epoch')
    await worker.commit({ closing: { to: 'failed', code: 'LOSS_DIVERGED', message: 'no' } })
    assert.equal(await next(), 'failed')
    assert.equal((await events.next()).done, true)
    await unwatched(api)
  })

  it('a stream says at once that it is open, and now and then that it still is', async () => {
    const id = await submit()
    const { blocks } = await openStream(`${api.addressOf(id)}?after=1`, { headers: ann })
    assert.deepEqual((await blocks.next()).value, { retry: '1000' })
    assert.ok((await blocks.next()).value?.comment)
    assert.ok((await blocks.next()).value?.comment)
    await blocks.return(undefined)
    await unwatched(api)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
  })

  it('a stream goes on after Last-Event-ID, which counts more than the query, and has nothing after the last event', async () => {
    const id = await submit()
    await api.post(`/v1/jobs/${id}/pause`, undefined, ann)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
    const after = async (headers: Record<string, string>, query = '') => {
      const { response, blocks } = await openStream(api.addressOf(id) + query, { headers: { ...ann, ...headers } })
      return { status: response.status, events: (await collect(eventsOf(blocks))).map(({ event }) => event) }
    }
    assert.deepEqual(await after({}), { status: 200, events: ['queued', 'paused', 'cancelled'] })
    assert.deepEqual(await after({}, '?after=1'), { status: 200, events: ['paused', 'cancelled'] })
    assert.deepEqual(await after({ 'last-event-id': '2' }, '?after=1'), { status: 200, events: ['cancelled'] })
    for (const last of ['3', '4', '1000000']) assert.deepEqual(await after({ 'last-event-id': last }), { status: 204, events: [] })
  })

  it('a stream that waits for an event which never comes ends with the job', async () => {
    const id = await submit()
    const { response, blocks } = await openStream(api.addressOf(id), { headers: { ...ann, 'last-event-id': '1000' } })
    assert.equal(response.status, 200)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
    assert.deepEqual(await collect(eventsOf(blocks)), [])
  })

  it('a stream starts at the first event for an empty Last-Event-ID, which says that none has come yet', async () => {
    const id = await submit()
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
    const { blocks } = await openStream(api.addressOf(id), { headers: { ...ann, 'last-event-id': '' } })
    assert.equal(numbers(await collect(eventsOf(blocks)))[0], 1)
  })

  it('a stream is refused for a Last-Event-ID that is no event number, for a job of nobody or of others, and without a key', async () => {
    const id = await submit()
    for (const bad of ['x', '-1', '1.5', '99999999999'])
      assert.deepEqual(pathsOf(assertProblem(await read(id, { ...asStream, 'last-event-id': bad }), 422, 'VALIDATION_FAILED')), [
        '/last-event-id',
      ])
    assertProblem(await read('job_none', asStream), 404, 'NOT_FOUND')
    assertProblem(await read(id, { ...asStream, ...bob }), 404, 'NOT_FOUND')
    assertProblem(await api.get(`/v1/jobs/${id}/events`, asStream), 401, 'UNAUTHENTICATED')
    assert.equal(api.watches(), 0)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
  })

  it('a stream is what a client gets that likes it best, and the list who takes anything', async () => {
    const id = await submit()
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
    const typeFor = async (accept: string) => (await read(id, { accept })).headers['content-type']?.split(';')[0]
    for (const accept of ['text/event-stream', 'text/event-stream, */*;q=0.1', 'text/*, */*;q=0.5', 'TEXT/EVENT-STREAM; charset=UTF-8'])
      assert.equal(await typeFor(accept), 'text/event-stream', accept)
    for (const accept of ['*/*', '', 'text/event-stream;q=0.5, application/json; charset=utf-8', 'text/event-stream;q=0, */*'])
      assert.equal(await typeFor(accept), 'application/json', accept)
    assert.equal((await read(id)).headers.vary, 'accept')
    for (const accept of ['text/html', 'application/json;q=0']) assertProblem(await read(id, { accept }), 406, 'NOT_ACCEPTABLE')
  })

  it('a stream is only described to who asks for its head', async () => {
    const id = await submit()
    const { status, headers } = await api.send({ method: 'HEAD', url: `/v1/jobs/${id}/events`, headers: { ...ann, ...asStream } })
    assert.equal(status, 200)
    assert.match(headers['content-type'] ?? '', /^text\/event-stream/)
    assert.equal(api.watches(), 0)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
  })

  it('a stream frees what it holds when its client goes away, and is one of so many that a tenant may hold', async () => {
    const id = await submit()
    const cut = new AbortController()
    const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(api.addressOf(id), { headers: ann, signal: cut.signal })))
    await Promise.all(streams.map(({ blocks }) => blocks.next()))
    const refused = await fetch(api.addressOf(id), { headers: { ...ann, ...asStream } })
    assert.equal(refused.status, 429)
    assert.ok(refused.headers.get('retry-after'))
    assert.equal(((await refused.json()) as { code: string }).code, 'RATE_LIMITED')
    assert.equal((await read(id, bob)).status, 404, 'others are not concerned')
    cut.abort()
    await unwatched(api)
    const again = await openStream(api.addressOf(id), { headers: ann })
    assert.equal(again.response.status, 200)
    await again.blocks.return(undefined)
    await api.post(`/v1/jobs/${id}/cancel`, undefined, ann)
  })
})
