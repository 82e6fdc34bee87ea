/** Another loss than the trainer's, for one operation. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTrainerBench, resultOf, step } from '../../support/trainers.ts'

const { send, open, ask, done, close } = await openTrainerBench()
after(close)

const pass = (options: object = {}) => [
  { type: 'batch', size: 10, epoch: 1, index: 0 },
  { type: 'zeroGradients' },
  { type: 'forwardBackward', ...options },
  { type: 'gradients' },
]

describe('forwardBackward with a loss of its own', { timeout: 180_000 }, () => {
  it('gives the loss and the gradients of a trainer with that loss, and changes it no further', async () => {
    const loss = { type: 'huber', delta: 0.5 }
    const plain = await open({ engine: 'eager' })
    const other = await open({ engine: 'eager', loss })
    const told = await done(plain, 1, pass({ loss, perExample: true }))
    const expected = await done(other, 1, pass({ perExample: true }))
    assert.deepEqual(told.results?.slice(2), expected.results?.slice(2))
    const own = await done(plain, 2, pass())
    const fresh = await open({ engine: 'eager' })
    assert.deepEqual(resultOf(own, 2).loss, resultOf(await done(fresh, 1, pass()), 2).loss)
  })

  it('may be part of a step where whole steps would be compiled', async () => {
    const id = await open()
    const { version } = await done(id, 1, [{ type: 'repeat', times: 3, operations: [...pass({ loss: { type: 'l1' } }), { type: 'step' }] }])
    assert.equal(version, 3)
  })

  it('takes classes as class indices and as probabilities', async () => {
    const model = { layers: [{ type: 'dense', units: 3 }] }
    const { body } = await send('POST', '/v1/trainers', { model, inputShape: [2], labelShape: [3], loss: { type: 'mse' }, seed: 1 })
    const other = await send('POST', '/v1/trainers', { model, inputShape: [2], labelShape: [3], loss: { type: 'crossEntropy' }, seed: 1 })
    const batch = { features: [[1, 2]], labels: [[0.2, 0.3, 0.5]] }
    const operations = (options: object = {}) => [
      { type: 'batch', ...batch },
      { type: 'forwardBackward', ...options },
      { type: 'gradients' },
    ]
    const told = await done(String(body.id), 1, operations({ loss: { type: 'crossEntropy' } }))
    assert.deepEqual(told.results, (await done(String(other.body.id), 1, operations())).results)
  })

  it('is refused by name if it does not fit the model or the labels', async () => {
    const id = await open()
    for (const [loss, path] of [
      [{ type: 'cosineEmbedding' }, '/operations/0/loss/type'],
      [{ type: 'bce' }, '/operations/0/loss/type'],
      [{ type: 'bceWithLogits', classWeights: 'balanced' }, '/operations/0/loss/classWeights'],
      [{ type: 'huber', delta: 0 }, '/operations/0/loss/delta'],
      [{ type: 'nothing' }, '/operations/0/loss/type'],
    ] as const) {
      const [batch, , ...others] = pass({ loss })
      const { status, body } = await ask(id, 1, [batch, ...others] as object[])
      assert.equal(status, 422, JSON.stringify(body))
      assert.equal(body.errors?.[0]?.path, path.replace('/operations/0', '/operations/1'), JSON.stringify(body.errors))
    }
    const many = Array.from({ length: 17 }, (_, at) => ({ type: 'forwardBackward', loss: { type: 'huber', delta: 1 + at } }))
    const refused = await ask(id, 1, [{ type: 'batch', rows: [0] }, ...many])
    assert.equal(refused.body.errors?.[0]?.path, '/operations/17/loss', JSON.stringify(refused.body))
    assert.equal((await done(id, 1, [{ type: 'batch', rows: [0] }, ...many.slice(0, 16)])).version, 0)
    assert.equal((await done(id, 2, step())).version, 1)
  })
})
