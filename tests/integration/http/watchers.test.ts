/** Many who wait for one job: by long polls and streams, and by looking again and again. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import pg from 'pg'
import { assertProblem } from '../../support/api.ts'
import { report, success } from '../../support/batches.ts'
import { collect, eventsOf, openStream, type ServedApi, serveTestApi, unwatched } from '../../support/event-stream.ts'

const send = pg.Client.prototype.query
const reads = { job: 0, events: 0 }
let api: ServedApi

before(async () => {
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first] = args as [string | { text?: string }]
    const text = typeof first === 'string' ? first : (first?.text ?? '')
    if (/^\s*select/i.test(text) && /from "Job"/.test(text)) reads.job += 1
    if (/^\s*select/i.test(text) && /"Event"/.test(text)) reads.events += 1
    return (send as (...all: unknown[]) => unknown).apply(this, args)
  } as typeof send
  api = await serveTestApi({ openPerTenant: 400 })
})
after(async () => {
  pg.Client.prototype.query = send
  await api.close()
})

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
/** All who were asked wait, and have read what they began with. */
const waiting = async (count: number): Promise<void> => {
  const shown = async () => Number(/^trainyard_job_watchers (\d+)$/m.exec((await api.get('/metrics')).body)?.[1])
  while ((await shown()) < count) await new Promise((turn) => setImmediate(turn))
}
const forget = (): void => void Object.assign(reads, { job: 0, events: 0 })

it('hundreds of long polls and streams on one job cost one read of its row and one of its events a change', async () => {
  const { id } = await api.submit()
  const polls = upTo(300).map((at) => api.get(`/v1/jobs/${id}?wait=60${at % 2 ? '&waitFor=end' : ''}`))
  const streams = await Promise.all(upTo(60).map(() => openStream(api.addressOf(id))))
  const told = streams.map(({ blocks }) => collect(eventsOf(blocks)))
  await waiting(360)
  forget()
  const worker = await api.claim()
  const changed = await Promise.all(polls.filter((_, at) => at % 2 === 0))
  assert.deepEqual([...new Set(changed.map(({ body }) => JSON.stringify(body)))], [JSON.stringify(changed[0]?.body)])
  assert.equal(changed[0]?.body.status, 'running')
  assert.equal(reads.job, 1)
  await worker.commit({ epochs: [report(1)], events: [{ type: 'epoch', data: { epoch: 1, loss: 0.5 } }], fraction: 1 / 3 })
  forget()
  await worker.commit({ closing: success })
  const ended = await Promise.all(polls.filter((_, at) => at % 2 === 1))
  assert.deepEqual([...new Set(ended.map(({ body }) => body.status))], ['succeeded'])
  assert.equal(reads.job, 1)
  const types = (await Promise.all(told)).map((events) => events.map(({ event }) => event).join())
  assert.deepEqual([...new Set(types)], ['queued,started,epoch,succeeded'])
  assert.ok(reads.events <= 2, `${reads.events} reads for the end, and for an epoch just before`)
  await unwatched(api)
})

it('a job in which nothing changed is an empty 304 to who names its ETag, and its config is not read', async () => {
  const [job, large] = [await api.submit(), await api.submit({ metadata: { note: 'x' } })]
  for (const { id } of [job, large]) {
    const first = await api.get(`/v1/jobs/${id}`)
    const { etag = '' } = first.headers
    assert.match(etag, /^"[\w-]{22}"$/)
    assert.equal(first.headers['cache-control'], 'private, no-cache')
    const again = await api.get(`/v1/jobs/${id}`, { 'if-none-match': `"other", ${etag}` })
    assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', etag])
    assert.equal((await api.get(`/v1/jobs/${id}?wait=0.1`, { 'if-none-match': etag })).status, 304)
  }
  const { etag = '' } = (await api.get(`/v1/jobs/${large.id}`)).headers
  await api.post(`/v1/jobs/${job.id}/cancel`)
  const moved = await api.get(`/v1/jobs/${large.id}`, { 'if-none-match': etag })
  assert.deepEqual([moved.status, moved.body.queue.position], [200, 1], 'its place is part of it')
  // A wait from a version on which it is no longer ends at once: else the change would be missed.
  const missed = await api.get(`/v1/jobs/${large.id}?wait=60`, { 'if-none-match': etag })
  assert.equal(missed.status, 200)
  const waits = api.get(`/v1/jobs/${large.id}?wait=60`, { 'if-none-match': missed.headers.etag ?? '' })
  await waiting(1)
  await api.post(`/v1/jobs/${large.id}/cancel`)
  assert.equal((await waits).body.status, 'cancelled')
  assertProblem(await api.get('/v1/jobs/job_none', { 'if-none-match': '*' }), 404, 'NOT_FOUND')
})

it('a job whose config is large is told whole to those who wait, and to nobody who has it', async () => {
  const values = upTo(20_000).map((at) => Math.sin(at))
  const layers = [
    { type: 'dense', units: 10_000 },
    { type: 'dense', units: 1 },
  ]
  const model = { layers, initialWeights: { 'layers.0.weight': { shape: [2, 10_000], values } } }
  const { id, ...job } = await api.submit({ model })
  const polls = upTo(3).map(() => api.get(`/v1/jobs/${id}?wait=60`))
  await waiting(3)
  await api.post(`/v1/jobs/${id}/cancel`)
  const answers = await Promise.all(polls)
  for (const { body } of answers) assert.deepEqual(body.config, job.config)
  const { etag = '' } = answers[0]?.headers ?? {}
  forget()
  assert.equal((await api.get(`/v1/jobs/${id}`, { 'if-none-match': etag })).status, 304)
  assert.equal(reads.job, 1)
})

it('requests that wait for a job are so many for each tenant, and others are told when to ask again', async () => {
  const { id } = await api.submit()
  const polls = upTo(400).map(() => api.get(`/v1/jobs/${id}?waitFor=end`))
  await waiting(400)
  const refused = await api.get(`/v1/jobs/${id}?wait=1`)
  assertProblem(refused, 429, 'RATE_LIMITED')
  assert.equal(refused.headers['retry-after'], '10')
  assert.equal((await api.get(`/v1/jobs/${id}`)).status, 200)
  await api.post(`/v1/jobs/${id}/cancel`)
  await Promise.all(polls)
  assert.equal((await api.get(`/v1/jobs/${id}?wait=1`)).status, 200)
})
