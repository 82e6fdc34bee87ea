/** Trainers without a dataset: every example is sent. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTrainerBench, resultOf } from '../../support/trainers.ts'

const { worker, send, done, ask, parametersOf, close } = await openTrainerBench()
after(close)

const net = {
  model: {
    layers: [
      { type: 'dense', units: 3, activation: 'tanh' },
      { type: 'batchNorm' },
      { type: 'dropout', p: 0.4 },
      { type: 'dense', units: 1 },
    ],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'adam', learningRate: 0.05 },
  seed: 11,
  engine: 'eager',
}
const features = Array.from({ length: 12 }, (_, at) => [Math.sin(at), Math.cos(3 * at)])
const labels = features.map(([a = 0, b = 0]) => [a - 2 * b])

const create = (parts: object) => send('POST', '/v1/trainers', { ...net, ...parts })
const stepOn = (batch: object) => [{ type: 'batch', ...batch }, { type: 'zeroGradients' }, { type: 'forwardBackward' }, { type: 'step' }]

describe('a trainer without a dataset', { timeout: 180_000 }, () => {
  it('ends with the bits of one that has the same examples in a dataset, though its process is killed in between', async () => {
    const { engine: _, ...rest } = net
    const sent = await send('POST', '/v1/trainers', { ...rest, inputShape: [2] })
    assert.equal(sent.status, 201, JSON.stringify(sent.body))
    assert.deepEqual([sent.body.dataset, sent.body.inputShape, sent.body.labelShape], [null, [2], [1]])
    const dataset = await send('POST', '/v1/datasets', { features, labels })
    const stored = await create({ dataset: { id: dataset.body.id } })
    const ids = [String(sent.body.id), String(stored.body.id)]
    for (let seq = 1; seq <= 6; seq += 1) {
      if (seq === 4) for (const pid of worker.trainerPids()) process.kill(pid, 'SIGKILL')
      const rows = [seq, seq + 1, seq + 5]
      const batches = [{ features: rows.map((row) => features[row]), labels: rows.map((row) => labels[row]) }, { rows }]
      for (const [at, batch] of batches.entries()) await done(String(ids[at]), seq, stepOn(batch))
    }
    assert.deepEqual(await parametersOf(String(ids[0])), await parametersOf(String(ids[1])))
    assert.equal((await send('GET', `/v1/trainers/${ids[0]}`)).body.dataset, null)
    assert.equal((await send('POST', `/v1/trainers/${ids[0]}/close`)).body.status, 'closed')
  })

  it('names the operation that needs a dataset', async () => {
    const { body } = await create({ inputShape: [2], engine: 'eager' })
    for (const [operation, path] of [
      [{ type: 'batch', size: 4 }, '/operations/0/size'],
      [{ type: 'batch', rows: [0] }, '/operations/0/rows'],
      [{ type: 'batch', features: [[1, 2, 3]] }, '/operations/0/features/0'],
      [{ type: 'evaluate' }, '/operations/0/type'],
    ] as const) {
      const { status, body: answer } = await ask(String(body.id), 1, [operation])
      assert.equal(status, 422, JSON.stringify(answer))
      assert.equal(answer.errors?.[0]?.path, path)
    }
  })

  it('takes classes, and says which it lacks', async () => {
    const classes = { model: { layers: [{ type: 'dense', units: 3 }] }, loss: { type: 'crossEntropy' }, inputShape: [2] }
    const { body } = await create(classes)
    const id = String(body.id)
    assert.deepEqual(body.labelShape, [])
    const wrong = await ask(id, 1, stepOn({ features: [[1, 2]], labels: [[3]] }))
    assert.equal(wrong.body.errors?.[0]?.path, '/operations/0/labels/0/0', JSON.stringify(wrong.body))
    const right = await done(id, 1, stepOn({ features: [[1, 2]], labels: [[2]] }))
    assert.ok(Number(resultOf(right, 2).loss) > 0)
  })

  it('is refused by the names of its request', async () => {
    const dataset = { synthetic: { kind: 'linear', weights: [1], bias: 0, examples: 10, noiseStd: 0, seed: 1 } }
    for (const [parts, path] of [
      [{}, '/dataset'],
      [{ dataset, inputShape: [1] }, '/inputShape'],
      [{ dataset, labelShape: [1] }, '/labelShape'],
      [{ inputShape: [2], engine: 'graph' }, '/engine'],
      [{ inputShape: [1000, 1000] }, '/inputShape'],
      [{ inputShape: [2], labelShape: [3] }, '/loss/type'],
      [{ inputShape: [0] }, '/inputShape/0'],
      [{ inputShape: [2], loss: { type: 'contrastive' } }, '/loss/type'],
    ] as const) {
      const { status, body } = await create(parts)
      assert.equal(status, 422, JSON.stringify(body))
      assert.equal(body.errors?.[0]?.path, path, JSON.stringify(body.errors))
    }
  })
})
