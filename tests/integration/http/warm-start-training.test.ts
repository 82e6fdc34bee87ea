/** Jobs that start from the weights of another, trained to their end. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { interruptible, traceOf } from '../../support/trace.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let slow: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
  // Nothing is trained here before its test says so.
  slow = await openTestApi({
    apiKeys: [
      { tenant: 'alice', secret: 'a' },
      { tenant: 'bob', secret: 'b' },
    ],
  })
})
after(() => Promise.all([api.close(), slow.close()]))

const by = (secret: string) => ({ authorization: `Bearer ${secret}` })
const submit = async (config: object, at = api, headers = {}): Promise<string> => {
  const answer = await at.post('/v1/jobs', config, headers)
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body.id
}
const finished = async (config: object, at = api, headers = {}): Promise<string> => {
  const id = await submit(config, at, headers)
  assert.equal((await at.bench.ended(id)).status, 'succeeded')
  return id
}
const epochs = async (id: string) => (await traceOf(api.bench.database, id)).epochs.map(({ epoch: _, ...epoch }) => epoch)
const weights = async (id: string, epoch: number) =>
  (await api.get(`/v1/jobs/${id}/weights?epoch=${epoch}`)).body.parameters.map(({ name, values }: { name: string; values: number[] }) => [
    name,
    values,
  ])

/** Rows in their stored order, so that one epoch is like another. */
const ordered = (count: number) => ({ training: { epochs: count, batchSize: 10, shuffle: false, seed: 42 } })

describe('a warm start', () => {
  it('a warm start goes on from the epoch that it names, to the bits of the job that never stopped there', async () => {
    const whole = await finished(notebook(ordered(3)))
    const rest = await finished(notebook({ ...ordered(2), warmStart: { jobId: whole, epoch: 1 } }))
    assert.deepEqual(await epochs(rest), (await epochs(whole)).slice(1))
    assert.deepEqual(await weights(rest, 2), await weights(whole, 3))
    const { body } = await api.get(`/v1/jobs/${rest}/events`)
    assert.deepEqual(
      body.data.map(({ type }: { type: string }) => type),
      ['queued', 'started', 'epoch', 'epoch', 'succeeded'],
    )
  })

  it('a warm start takes the last weights where it names no epoch, and running statistics too', async () => {
    const model = { layers: [{ type: 'batchNorm' }, { type: 'dense', units: 1 }] }
    const source = await finished(notebook({ ...ordered(3), model }))
    const still = { ...ordered(1), model, optimizer: { type: 'sgd', learningRate: 0 } }
    const id = await finished(
      notebook({
        ...still,
        model: {
          layers: [
            { type: 'batchNorm', momentum: 0 },
            { type: 'dense', units: 1 },
          ],
        },
        warmStart: { jobId: source },
      }),
    )
    const kept = await weights(source, 3)
    assert.deepEqual(await weights(id, 1), kept)
    assert.ok(kept.some(([name]: [string]) => name === 'layers.0.runningMean'))
    assert.equal((await api.get(`/v1/jobs/${id}`)).body.config.warmStart.epoch, 3)
  })

  it('a warm start is interrupted and resumed with bit-identical results', async () => {
    const source = await finished(interruptible({ epochs: 2 }))
    const warm = { ...interruptible(), warmStart: { jobId: source } }
    const undisturbed = await finished(warm)
    const id = await submit(warm)
    await api.bench.until(id, ({ epoch }) => epoch >= 2)
    await api.post(`/v1/jobs/${id}/pause`)
    await api.bench.until(id, ({ status }) => status === 'paused' || status === 'succeeded')
    await api.post(`/v1/jobs/${id}/resume`)
    assert.equal((await api.bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await traceOf(api.bench.database, id), await traceOf(api.bench.database, undisturbed))
  })

  it('a warm start needs the other job no longer once it is queued; never reaches that of another tenant', async () => {
    const worker = slow.bench.work()
    const source = await finished(notebook(ordered(1)), slow, by('a'))
    await worker.close()
    const warm = notebook({ ...ordered(1), warmStart: { jobId: source } })
    const [error] = assertProblem(await slow.post('/v1/jobs', warm, by('b')), 422, 'VALIDATION_FAILED')
    assert.deepEqual([error?.path, error?.code], ['/warmStart/jobId', 'not_found'])
    const id = await submit(warm, slow, by('a'))
    assert.equal((await slow.remove(`/v1/jobs/${source}`, by('a'))).status, 204)
    slow.bench.work()
    assert.equal((await slow.bench.ended(id)).status, 'succeeded')
    const gone = await slow.post('/v1/jobs', warm, by('a'))
    assert.equal(assertProblem(gone, 422, 'VALIDATION_FAILED')[0]?.path, '/warmStart/jobId')
  })

  it('a warm start is refused from weights of another shape, naming both', async () => {
    const source = await finished(notebook(ordered(1)))
    const wider = notebook({
      model: {
        layers: [
          { type: 'dense', units: 2 },
          { type: 'dense', units: 1 },
        ],
      },
      warmStart: { jobId: source },
    })
    const errors = assertProblem(await api.post('/v1/jobs', wider), 422, 'VALIDATION_FAILED')
    assert.match(errors[0]?.message ?? '', /layers\.0\.weight has shape \[2, 2\]; the other job's has \[2, 1\]/)
  })
})
