/** The events of all jobs of a tenant, as a list and as server-sent events. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, pathsOf } from '../../support/api.ts'
import { type Block, eventsOf, openStream, type ServedApi, serveTestApi, untilListed } from '../../support/event-stream.ts'
import { notebook } from '../../support/worker.ts'

type Listed = { id: string; jobId: string; seq: number; type: string; at: string; data: object }

const ann = { authorization: 'Bearer first' }
const bob = { authorization: 'Bearer second' }
const keys = [
  { tenant: 'ann', secret: 'first' },
  { tenant: 'bob', secret: 'second' },
]

let api: ServedApi
before(async () => {
  api = await serveTestApi({ apiKeys: keys, quietMs: 200 })
})
after(() => api.close())

const submit = async (headers: Record<string, string> = ann, metadata: object = {}): Promise<string> =>
  (await api.post('/v1/jobs', notebook({ metadata }), headers)).body.id
const cancel = (id: string, headers = ann) => api.post(`/v1/jobs/${id}/cancel`, undefined, headers)

/** All pages of the list, from wherever the query says. */
const listAll = async (query = '', headers: Record<string, string> = ann): Promise<Listed[]> => {
  const all: Listed[] = []
  await untilListed(api)
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await api.get(`/v1/events?${query}${cursor && `&after=${cursor}`}`, headers)
    assert.equal(status, 200, JSON.stringify(body))
    all.push(...body.data)
    assert.equal(body.hasMore, body.nextCursor !== null)
    cursor = body.nextCursor
  }
  return all
}
const brief = ({ jobId, type }: Listed): [string, string] => [jobId, type]

/** Reads events until one meets the condition. */
const readUntil = async (blocks: AsyncIterable<Block>, isLast: (event: Listed) => boolean): Promise<Listed[]> => {
  const told: Listed[] = []
  for await (const { id, event, data } of eventsOf(blocks)) {
    const one: Listed = JSON.parse(data)
    assert.deepEqual([id, event], [one.id, one.type])
    told.push(one)
    if (isLast(one)) break
  }
  return told
}

describe('the list of the events of all jobs', () => {
  it('the list has the events of all jobs of the tenant in the order in which they came, page by page, by type and by metadata', async () => {
    const [first, second] = [await submit(ann, { owner: 'eve', run: 7 }), await submit()]
    const foreign = await submit(bob)
    await cancel(second)
    await cancel(first)
    const all = await listAll()
    assert.deepEqual(all.map(brief), [
      [first, 'job.queued'],
      [second, 'job.queued'],
      [second, 'job.cancelled'],
      [first, 'job.cancelled'],
    ])
    assert.deepEqual(
      all.map(({ seq }) => seq),
      [1, 1, 2, 2],
    )
    const own = (await api.get(`/v1/jobs/${first}/events`, ann)).body.data
    assert.deepEqual(
      all.filter(({ jobId }) => jobId === first).map(({ seq, at, data, type }) => ({ seq, type: type.slice(4), at, data })),
      own,
    )
    assert.deepEqual(await listAll('limit=1'), all)
    assert.deepEqual(await listAll(`after=${all[1]?.id}`), all.slice(2))
    assert.deepEqual(await listAll('type=job.cancelled'), all.slice(2))
    assert.deepEqual(await listAll('type=job.cancelled&type=job.queued&limit=3'), all)
    assert.deepEqual(await listAll('type=job.failed'), [])
    for (const metadata of ['metadata[run]=7.0&limit=1', 'metadata[owner]=eve', 'metadata[owner]=eve&metadata[run]=7'])
      assert.deepEqual(await listAll(metadata), [all[0], all[3]], metadata)
    assert.deepEqual(await listAll('metadata[owner]=ann'), [])
    assert.deepEqual((await listAll('', bob)).map(brief), [[foreign, 'job.queued']])
    assert.deepEqual(await listAll('after=latest'), [])

    assert.equal((await api.remove(`/v1/jobs/${second}`, ann)).status, 204)
    assert.deepEqual(await listAll(), [all[0], all[3]])
    assert.deepEqual(await listAll(`after=${all[2]?.id}`), [all[3]], 'a place stays where it was when its event goes')
    await cancel(foreign, bob)
  })

  it('what is no id of an event, no type, no size or no parameter is refused by its name', async () => {
    const refusals = [
      ['after=x', '/after'],
      ['after=12-job_1-1', '/after'],
      ['after=-1', '/after'],
      ['after=999999999999999999', '/after'],
      ['type=queued', '/type'],
      ['type=job.none', '/type'],
      ['limit=0', '/limit'],
      ['limit=1001', '/limit'],
      ['status=queued', '/status'],
    ]
    for (const [query, path] of refusals)
      assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/events?${query}`, ann), 422, 'VALIDATION_FAILED')), [path], query)
    const asStream = { ...ann, accept: 'text/event-stream' }
    for (const id of ['x', '999999999999999999', '1-'])
      assert.deepEqual(
        pathsOf(assertProblem(await api.get('/v1/events', { ...asStream, 'last-event-id': id }), 422, 'VALIDATION_FAILED')),
        ['/last-event-id'],
      )
    assertProblem(await api.get('/v1/events', { ...ann, accept: 'text/html' }), 406, 'NOT_ACCEPTABLE')
    assertProblem(await api.get('/v1/events'), 401, 'UNAUTHENTICATED')
  })
})

describe('the stream of the events of all jobs', () => {
  it('a stream tells what is stored and what comes, to each what it asks for; one that comes back goes on where it was', async () => {
    const stored = await listAll()
    const url = `${api.url}/v1/events`
    const open = async (query = '', headers: Record<string, string> = ann) => (await openStream(`${url}${query}`, { headers })).blocks
    const fromLatest = await open('?after=latest')
    assert.deepEqual((await fromLatest.next()).value, { retry: '1000' })
    const begin = (await fromLatest.next()).value
    assert.match(begin?.id ?? '', /^\d+$/, 'a stream that begins now says where that is')
    const [all, ends, ofEve, ofBob] = [
      await open(),
      await open('?type=job.cancelled'),
      await open('?metadata[owner]=eve'),
      await open('', bob),
    ]

    const [one, eves, bobs] = [await submit(), await submit(ann, { owner: 'eve' }), await submit(bob)]
    for (const id of [one, eves]) await cancel(id)
    await cancel(bobs, bob)
    const isEnd = (id: string) => (event: Listed) => event.jobId === id && event.type === 'job.cancelled'
    const told = await readUntil(all, isEnd(eves))
    assert.deepEqual(told, await listAll())
    assert.deepEqual(await readUntil(fromLatest, isEnd(eves)), told.slice(stored.length))
    assert.deepEqual(
      await readUntil(ends, isEnd(eves)),
      told.filter(({ type }) => type === 'job.cancelled'),
    )
    assert.deepEqual((await readUntil(ofEve, isEnd(eves))).slice(-2).map(brief), [
      [eves, 'job.queued'],
      [eves, 'job.cancelled'],
    ])
    assert.deepEqual(await readUntil(ofBob, isEnd(bobs)), await listAll('', bob))

    const middle = told.at(-3)
    const again = await open('', { ...ann, 'last-event-id': middle?.id ?? '' })
    assert.deepEqual(await readUntil(again, isEnd(eves)), told.slice(-2))
    const fromBegin = await open('', { ...ann, 'last-event-id': begin?.id ?? '' })
    assert.deepEqual(await readUntil(fromBegin, isEnd(eves)), told.slice(stored.length))
  })

  it('a quiet stream says now and then that it is there, and where to go on; its head describes it', async () => {
    const { blocks, response } = await openStream(`${api.url}/v1/events?after=latest&type=job.failed`, { headers: ann })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    await blocks.next()
    await blocks.next()
    const id = await submit()
    await cancel(id)
    let block = (await blocks.next()).value
    while (BigInt(block?.id ?? 0) <= BigInt((await listAll()).at(-1)?.id.split('-')[0] ?? 0)) block = (await blocks.next()).value
    assert.ok(block?.comment)
    await blocks.return(undefined)
    const head = await api.send({ method: 'HEAD', url: '/v1/events', headers: { ...ann, accept: 'text/event-stream' } })
    assert.deepEqual([head.status, head.body], [200, ''])
  })
})
