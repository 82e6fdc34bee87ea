/** What happens to predictions for datasets is told among the events of their jobs: in lists, in streams, to webhooks. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createPredictionWorkRepository } from '../../../src/features/predictions/prediction-work.repository.ts'
import { collect, openStream, type ServedApi, serveTestApi, untilListed } from '../../support/event-stream.ts'
import { parseMetrics } from '../../support/prometheus.ts'
import { openReceiver, type Receiver } from '../../support/receiver.ts'
import { notebook } from '../../support/worker.ts'

const dataset = { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 9 } }
const types = ['prediction.started', 'prediction.succeeded', 'prediction.failed', 'prediction.cancelled']

let api: ServedApi
let receiver: Receiver
let job: string
before(async () => {
  receiver = await openReceiver()
  api = await serveTestApi({ outbound: { allowHttp: true, allowPrivate: true }, freshMs: 0 })
  assert.equal((await api.post('/v1/webhooks', { url: `${receiver.origin}/all`, events: types })).status, 201)
  const worker = api.bench.work()
  const webhook = { url: `${receiver.origin}/job`, events: ['prediction.succeeded'] }
  job = (await api.submit(notebook({ webhook, metrics: ['rmse'], metadata: { about: 'lines' } }))).id
  await api.bench.ended(job)
  await worker.close()
})
after(async () => {
  await api.close()
  await receiver.close()
})

const ask = async (): Promise<string> => {
  const { status, body } = await api.post(`/v1/jobs/${job}/predictions`, { dataset })
  assert.equal(status, 202, JSON.stringify(body))
  return body.id
}
type Listed = { id: string; seq: number; type: string; jobId: string; data: { predictionId: string } }
/** What `GET /v1/events` has of a prediction. */
const toldOf = async (prediction: string, query = ''): Promise<Listed[]> => {
  await untilListed(api)
  const { body } = await api.get(`/v1/events?limit=1000${query}`)
  return body.data.filter(({ data }: Listed) => data.predictionId === prediction)
}
/** The list of the job's events. */
const ownEvents = async (): Promise<Listed[]> => (await api.get(`/v1/jobs/${job}/events`)).body.data

it('start and end are told once, with how well it does, in both lists and to webhooks of the tenant and of the job', async () => {
  const worker = api.bench.work()
  const id = await ask()
  const { body: prediction } = await api.get(`/v1/predictions/${id}?wait=60`)
  await worker.close()
  const listed = await toldOf(id)
  assert.deepEqual(
    listed.map(({ type, jobId, data }) => [type, jobId, data]),
    [
      ['prediction.started', job, { predictionId: id, rows: 100 }],
      ['prediction.succeeded', job, { predictionId: id, rows: 100, epoch: 3, seconds: prediction.seconds, metrics: prediction.metrics }],
    ],
  )
  assert.ok(prediction.metrics.rmse > 0)
  assert.deepEqual(await toldOf(id, '&type=prediction.succeeded&metadata[about]=lines'), listed.slice(1))
  assert.deepEqual(await toldOf(id, '&type=job.succeeded'), [])
  const own: Listed[] = await ownEvents()
  assert.deepEqual(
    own.map(({ seq }) => seq),
    own.map((_, at) => at + 1),
  )
  assert.deepEqual(
    own.slice(-2).map(({ seq, type, data }) => [seq, type, data]),
    listed.map(({ seq, type, data }) => [seq, type, data]),
  )
  const [first, second] = await receiver.until('/all', 2)
  assert.deepEqual([first?.body.type, second?.body.type], types.slice(0, 2))
  assert.deepEqual([second?.body.data.job.id, second?.body.data.seq, second?.body.data.event], [job, listed[1]?.seq, listed[1]?.data])
  const [only, ...more] = await receiver.until('/job', 1)
  assert.deepEqual([only?.body.data, more], [second?.body.data, []])
})

it('the stream of a job that has ended gives what its predictions told since, and ends', async () => {
  const end = (await ownEvents()).find(({ type }) => type === 'succeeded')
  const headers = { 'last-event-id': String(end?.seq) }
  const blocks = await collect((await openStream(api.addressOf(job), { headers })).blocks)
  const told = blocks.filter(({ data }) => data !== undefined)
  assert.deepEqual(
    told.map(({ event }) => event),
    types.slice(0, 2),
  )
  // It waited for nothing: whoever waits is sent comments.
  assert.deepEqual(
    blocks.filter(({ comment }) => comment !== undefined),
    [],
  )
  assert.equal((await openStream(api.addressOf(job), { headers: { 'last-event-id': String(told.at(-1)?.id) } })).response.status, 204)
})

/** What Prometheus reads of predictions. */
const counted = async () => {
  const families = parseMetrics((await api.get('/metrics')).body)
  const of = (name: string) => Object.fromEntries((families.get(name)?.samples ?? []).map(({ labels, value }) => [labels.status, value]))
  return { pending: of('trainyard_predictions'), ended: of('trainyard_predictions_finished_total') }
}

it('several claims are one start; a failure says why', async () => {
  const id = await ask()
  const work = createPredictionWorkRepository(api.bench.database)
  for (let claims = 1; claims <= 2; claims++) {
    const claim = await work.claim()
    assert.equal(claim?.id, id)
    await work.release(claim, { isCrash: true })
  }
  const stale = await work.claim()
  assert.ok(stale)
  await work.fail(stale, { code: 'OUT_OF_MEMORY', message: 'it was too much' })
  await work.fail(stale, { code: 'INTERNAL', message: 'too late' })
  assert.deepEqual(
    (await toldOf(id)).map(({ type, data }) => [type, data]),
    [
      ['prediction.started', { predictionId: id, rows: 100 }],
      ['prediction.failed', { predictionId: id, code: 'OUT_OF_MEMORY', message: 'it was too much' }],
    ],
  )
  await receiver.until('/all', (all) => all.some(({ body }) => body.type === 'prediction.failed'))
})

it('what is deleted before its end is cancelled, and only that; Prometheus is told how many', async () => {
  const [taken, waiting] = [await ask(), await ask()]
  const claim = await createPredictionWorkRepository(api.bench.database).claim()
  assert.equal(claim?.id, taken)
  const { body } = await api.get('/v1/predictions?status=failed')
  assert.deepEqual(await counted(), { pending: { queued: 1, running: 1 }, ended: { succeeded: 1, failed: 1, cancelled: 0 } })
  for (const id of [taken, waiting, body.data[0].id]) assert.equal((await api.remove(`/v1/predictions/${id}`)).status, 204)
  const typesOf = async (id: string) => (await toldOf(id)).map(({ type }) => type)
  assert.deepEqual(await typesOf(taken), ['prediction.started', 'prediction.cancelled'])
  assert.deepEqual(await typesOf(waiting), ['prediction.cancelled'])
  assert.deepEqual(await typesOf(body.data[0].id), ['prediction.started', 'prediction.failed'])
  assert.deepEqual(await counted(), { pending: { queued: 0, running: 0 }, ended: { succeeded: 1, failed: 1, cancelled: 2 } })
})
