/** Jobs that start from the weights of another job, over the API and the worker's claim. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { report } from '../../support/batches.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

const weight = { name: 'layers.0.weight', shape: [2, 1], values: Float32Array.of(1.5, -2.5), norm: 3 }
const bias = { name: 'layers.0.bias', shape: [1], values: Float32Array.of(0.5), norm: 0.5 }

/** A job that has kept weights of its first epoch. */
const trainedJob = async (): Promise<string> => {
  const { id } = await api.submit({ record: { weights: 'everyEpoch' } })
  const claimed = await api.claim()
  await claimed.commit({ epochs: [{ ...report(1), weights: [weight, bias] }], closing: { to: 'cancelled' } })
  return id
}

describe('warmStart', () => {
  it('warmStart gives the job a checkpoint at epoch 0 with the weights of the other', async () => {
    const jobId = await trainedJob()
    const { id, config } = await api.submit({ warmStart: { jobId } })
    assert.deepEqual(config.warmStart, { jobId, epoch: 1 })
    const claimed = await api.claim()
    assert.equal(claimed.jobId, id)
    const { checkpoint } = claimed
    assert.deepEqual([checkpoint?.epoch, checkpoint?.step], [0, 0])
    assert.ok(checkpoint && 'tensors' in checkpoint)
    assert.deepEqual(
      checkpoint.tensors.map(({ name, values }) => [name, [...values]]),
      [
        ['layers.0.weight', [1.5, -2.5]],
        ['layers.0.bias', [0.5]],
      ],
    )
  })

  it('warmStart is refused for jobs, epochs and models that do not fit', async () => {
    const jobId = await trainedJob()
    const refused = async (parts: object): Promise<string[]> =>
      pathsOf(assertProblem(await api.post('/v1/jobs', notebook(parts)), 422, 'VALIDATION_FAILED'))
    assert.deepEqual(await refused({ warmStart: { jobId: 'job_0' } }), ['/warmStart/jobId'])
    assert.deepEqual(await refused({ warmStart: { jobId, epoch: 7 } }), ['/warmStart/epoch'])
    const layers = [
      { type: 'dense', units: 1, bias: false },
      { type: 'dense', units: 1 },
    ]
    assert.deepEqual(await refused({ warmStart: { jobId }, model: { layers } }), ['/warmStart/jobId', '/warmStart/jobId'])
  })
})
