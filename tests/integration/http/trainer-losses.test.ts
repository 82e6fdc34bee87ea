/** Another loss than the trainer's, for one operation. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTrainerBench, resultOf, step } from '../../support/trainers.ts'

const { bench, send, open, ask, done, parametersOf, close } = await openTrainerBench()
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

describe('a trainer whose loss compares two inputs', { timeout: 180_000 }, () => {
  const [a, b] = [
    ['a1', 'a2'],
    ['b1', 'b2'],
  ]
  const rows = Array.from({ length: 12 }, (_, row) => ({
    a1: Math.sin(row),
    a2: Math.cos(row),
    b1: Math.sin(2 * row),
    b2: Math.cos(3 * row),
    same: row % 2 === 0 ? 1 : -1,
  }))
  const config = {
    model: {
      layers: [
        { type: 'dense', units: 3 },
        { type: 'dropout', p: 0.3 },
      ],
    },
    loss: { type: 'cosineEmbedding', margin: 0.2 },
    optimizer: { type: 'adam', learningRate: 0.05 },
  }
  const stored = async () => ({ id: String((await send('POST', '/v1/datasets', { rows })).body.id), features: { a, b }, labels: ['same'] })

  it('ends with the bits of the job that makes the same steps, and is evaluated as it is', async () => {
    const dataset = await stored()
    const { body } = await send('POST', '/v1/jobs', { ...config, dataset, training: { epochs: 1, batchSize: 4, seed: 42 } })
    assert.equal((await bench.ended(String(body.id))).status, 'succeeded')
    const id = await open({ ...config, dataset, engine: 'eager' })
    const other = { type: 'evaluate', dataset: { id: dataset.id } }
    const told = await done(id, 1, [...[0, 1, 2].flatMap((index) => step({ size: 4, epoch: 1, index })), { type: 'evaluate' }, other])
    assert.deepEqual(await parametersOf(id), (await send('GET', `/v1/jobs/${body.id}/weights`)).body.parameters)
    const { data } = (await send('GET', `/v1/jobs/${body.id}/epochs`)).body as { data: { loss: number }[] }
    assert.deepEqual([resultOf(told, 12).loss, resultOf(told, 13).loss], [data[0]?.loss, data[0]?.loss])
  })

  it('gives the outputs of both, and takes their gradients', async () => {
    const id = await open({ ...config, model: { layers: [{ type: 'dense', units: 3 }] }, dataset: await stored() })
    const told = await done(id, 1, [{ type: 'batch', rows: [4, 5] }, { type: 'forward' }])
    const { outputs, version } = resultOf(told, 1) as { outputs: { shape: number[]; values: number[] }; version: number }
    assert.deepEqual(outputs.shape, [2, 2, 3])
    const values = outputs.values.map((_, at) => at)
    const backward = (shape: number[]) => ({ type: 'backward', outputGradients: { shape, values }, ifVersion: version })
    assert.equal((await ask(id, 2, [backward([4, 3])])).body.errors?.[0]?.path, '/operations/0/outputGradients/shape')
    const given = await done(id, 2, [backward([2, 2, 3]), { type: 'gradients' }])
    const [weight, bias] = resultOf(given, 1).gradients as { values: number[] }[]
    assert.deepEqual(bias?.values, [18, 22, 26])
    const x = rows.slice(4, 6)
    const inputs = [...x.map(({ a1 }) => a1), ...x.map(({ b1 }) => b1)]
    const expected = inputs.reduce((sum, input, at) => sum + input * (values[3 * at] ?? 0), 0)
    assert.ok(Math.abs((weight?.values[0] ?? 0) - expected) < 1e-5)
  })

  it('takes no examples of one input, and no loss of one', async () => {
    const id = await open({ ...config, dataset: await stored() })
    const sent = await ask(id, 1, [{ type: 'batch', features: [[1, 2]] }])
    assert.deepEqual([sent.status, sent.body.errors?.[0]?.path], [422, '/operations/0/features'])
    const loss = await ask(id, 1, [
      { type: 'batch', rows: [0] },
      { type: 'forwardBackward', loss: { type: 'mse' } },
    ])
    assert.deepEqual([loss.status, loss.body.errors?.[0]?.path], [422, '/operations/1/loss/type'])
  })
})
