/** Evaluating trainers on other datasets than their own. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { readReferenceRuns, requestOf, tableOf } from '../../support/reference-runs.ts'
import { type Answer, openTrainerBench, resultOf, step } from '../../support/trainers.ts'

const { bench, worker, send, ask, done, parametersOf, close } = await openTrainerBench()
after(close)

const optimizer = { type: 'sgd', learningRate: 0.1 }
const created = async (path: string, body: object): Promise<string> => {
  const answer = await send('POST', path, body)
  assert.ok(answer.status < 300, JSON.stringify(answer.body))
  return String(answer.body.id)
}
const trainer = (parts: object) => created('/v1/trainers', { seed: 7, optimizer, ...parts })
const dataset = (body: object) => created('/v1/datasets', body)
const firstError = ({ body }: Answer) => body.errors?.[0]
const { prisma } = bench.database

/** What a job with the same steps measured on the rows of a dataset of its own, at the end of its only epoch. */
const measuredByJob = async (config: object, other: string, metrics: string[]) => {
  const id = await created('/v1/jobs', {
    optimizer,
    ...config,
    metrics,
    training: { epochs: 1, batchSize: 4, seed: 7, validationDataset: { id: other } },
  })
  await bench.ended(id)
  const { body } = await send('GET', `/v1/jobs/${id}/epochs`)
  const [epoch] = body.data as Record<string, unknown>[]
  assert.ok(epoch, JSON.stringify((await send('GET', `/v1/jobs/${id}`)).body))
  return epoch
}
const epochOf = (batches: number) => Array.from({ length: batches }, (_, index) => step({ size: 4, epoch: 1, index })).flat()

const numbers = (rows: number, at: number) =>
  Array.from({ length: rows }, (_, row) => ({ b: Math.cos(at + row), y: Math.sin(row + at) + 0.5, extra: row, a: Math.sin(3 * row - at) }))
const colours = ['red', 'green', 'blue', 'white']
const coloured = (rows: number, from: number) =>
  Array.from({ length: rows }, (_, row) => ({
    bought: row % 3 === 0 ? 'yes' : 'no',
    colour: colours[(row * from) % 4],
    size: Math.sin(row + from),
  }))

describe('a trainer that is evaluated on another dataset', { timeout: 180_000 }, () => {
  it('gives loss and metrics that a job has on the same rows', async () => {
    const twoLayers = {
      model: { layers: [{ type: 'dense', units: 5, activation: 'tanh' }, { type: 'batchNorm' }, { type: 'dense', units: 1 }] },
    }
    const chosen = { features: ['a', 'b'], labels: ['y'] }
    const levels = { columns: { colour: 'category', bought: 'category' }, features: ['size', 'colour'], labels: ['bought'] }
    for (const [config, table, other, metrics] of [
      [{ ...twoLayers, loss: { type: 'huber' } }, { rows: numbers(20, 1), ...chosen }, { rows: numbers(50, 2) }, ['mae', 'r2']],
      [
        { ...twoLayers, loss: { type: 'mse' } },
        { rows: numbers(20, 1), ...chosen },
        { rows: [...numbers(9, 2), { a: 1, b: 2, y: null, extra: 0 }] },
        ['rmse'],
      ],
      [
        { ...twoLayers, loss: { type: 'bceWithLogits', classWeights: 'balanced' } },
        { rows: coloured(20, 1), ...levels },
        { rows: coloured(30, 3).reverse(), columns: levels.columns },
        ['accuracy', 'f1'],
      ],
      [
        { ...twoLayers, loss: { type: 'softMargin' } },
        { rows: coloured(20, 1), ...levels },
        { rows: coloured(30, 3), columns: levels.columns },
        ['accuracy'],
      ],
    ] as const) {
      const [own, second] = [await dataset(table), await dataset(other)]
      const expected = await measuredByJob({ ...config, dataset: { id: own } }, second, [...metrics])
      const id = await trainer({ ...config, dataset: { id: own }, engine: 'eager' })
      const told = await done(id, 1, [...epochOf(5), { type: 'evaluate', dataset: { id: second }, metrics }, { type: 'evaluate' }])
      const { loss, metrics: measured } = resultOf(told, 20)
      assert.ok(typeof loss === 'number' && loss > 0)
      const names = metrics.map((name) => `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`)
      assert.deepEqual(
        [loss, ...metrics.map((name) => (measured as Record<string, number>)[name])],
        [expected.validationLoss, ...names.map((name) => (expected.metrics as Record<string, number>)[name])],
        JSON.stringify(expected),
      )
      assert.equal(resultOf(told, 21).loss, expected.loss)
    }
  })

  it('gives the loss of PyTorch over a dataset, though it has none of its own', async () => {
    const run = readReferenceRuns().find(({ name }) => name === 'mlp/batchNorm')
    assert.ok(run)
    const { features, labels } = tableOf(run)
    const { model, loss, optimizer: own } = requestOf(run) as Record<string, object>
    const id = await trainer({ model, loss, optimizer: own, inputShape: [4] })
    const all = await dataset({ features, labels })
    const steps = [0, 16, 32, 48].flatMap((from) =>
      step({ features: features.slice(from, from + 16), labels: labels.slice(from, from + 16) }),
    )
    for (const { epoch, loss: expected } of run.epochs.slice(0, 3)) {
      const told = await done(id, epoch, [...steps, { type: 'evaluate', dataset: { id: all }, metrics: ['accuracy'] }])
      const measured = Number(resultOf(told, 16).loss)
      assert.ok(Math.abs(measured - expected) < 1e-5 * expected, `${measured} is not ${expected}`)
    }
  })

  it('takes a no and a yes as the -1 and 1 that its loss wants', async () => {
    const id = await trainer({ model: { layers: [{ type: 'dense', units: 1 }] }, loss: { type: 'softMargin' }, inputShape: [1] })
    const rows = Array.from({ length: 12 }, (_, row) => ({ x: Math.sin(row), y: row % 3 === 0 }))
    const answers = await dataset({ rows, features: ['x'], labels: ['y'] })
    const signs = await dataset({ rows: rows.map(({ x, y }) => ({ x, y: y ? 1 : -1 })), features: ['x'], labels: ['y'] })
    const told = await done(
      id,
      1,
      [answers, signs].map((one) => ({ type: 'evaluate', dataset: { id: one } })),
    )
    assert.deepEqual(resultOf(told, 0), resultOf(told, 1))
  })

  it('takes a spec, also of many slices, in loops and more than once', async () => {
    const synthetic = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 40_000, noiseStd: 0.5, seed: 3 }
    const config = { model: { layers: [{ type: 'dense', units: 1 }] }, loss: { type: 'mse' } }
    const id = await trainer({ ...config, dataset: { synthetic: { ...synthetic, examples: 40 } } })
    const stored = await dataset({ synthetic })
    const expected = await measuredByJob({ ...config, dataset: { synthetic: { ...synthetic, examples: 40 } } }, stored, ['mae'])
    const evaluation = { type: 'evaluate', metrics: ['mae'] }
    const told = await done(id, 1, [
      { type: 'repeat', times: 10, operations: [...step({ size: 4 }), { ...evaluation, dataset: { id: stored } }] },
      { ...evaluation, dataset: { synthetic } },
    ])
    const rounds = resultOf(told, 0).results as Record<string, unknown>[]
    const { type: _, ...last } = rounds[4] ?? {}
    assert.deepEqual(last, { loss: resultOf(told, 1).loss, metrics: resultOf(told, 1).metrics, version: 10 })
    const near = (actual: unknown, wanted: unknown) =>
      assert.ok(Math.abs(Number(actual) - Number(wanted)) < 1e-6 * Number(wanted), `${actual} is not ${wanted}`)
    near(last.loss, expected.validationLoss)
    near((last.metrics as Record<string, number>).mae, (expected.metrics as Record<string, number>).validationMae)
  })

  it('keeps its answer though the dataset is deleted and its process killed, and then finds the dataset no more', async () => {
    const own = await dataset({ rows: numbers(20, 1), features: ['a', 'b'], labels: ['y'] })
    const other = await dataset({ rows: numbers(30, 2) })
    const id = await trainer({ model: { layers: [{ type: 'dense', units: 1 }] }, dataset: { id: own } })
    const operations = [...step({ size: 4 }), { type: 'evaluate', dataset: { id: other } }, ...step({ size: 4 })]
    const first = await done(id, 1, operations)
    assert.equal((await send('DELETE', `/v1/datasets/${other}`)).status, 204)
    for (const pid of worker.trainerPids()) process.kill(pid, 'SIGKILL')
    assert.deepEqual(await done(id, 1, operations), first)
    const refused = await ask(id, 2, operations)
    assert.deepEqual([refused.status, firstError(refused)?.path], [422, '/operations/4/dataset/id'])
    assert.equal((await done(id, 2, step({ size: 4 }))).version, 3)
  })

  it('does nothing of a request whose dataset goes, or turns out wrong, while it is evaluated', async () => {
    const width = 1000
    const wide = (rows: number) => Array.from({ length: rows }, (_, row) => Array.from({ length: width }, (_, at) => (row + at) % 7))
    const features = wide(400)
    const model = { layers: [{ type: 'dense', units: 2 }] }
    const loss = { type: 'crossEntropy', ignoreIndex: 9 }
    const id = await trainer({ model, loss, inputShape: [width] })
    const gone = await dataset({ features, labels: features.map((_, row) => [row % 2]) })
    // As if it were being deleted: the last of its chunks is gone.
    await prisma.$executeRaw`delete from "DatasetChunk" where "datasetId" = ${gone} and index = (select max(index) from "DatasetChunk" where "datasetId" = ${gone})`
    const unfit = await dataset({ features: wide(4), labels: [[0], [1], [5], [9]] })
    const before = await parametersOf(id)
    const batch = { features: features.slice(0, 2), labels: [[0], [1]] }
    for (const [other, status, path] of [
      [gone, 409, '/operations/4/operations/0/dataset/id'],
      [unfit, 422, '/operations/4/operations/0/dataset'],
    ] as const) {
      const loop = { type: 'repeat', times: 2, operations: [{ type: 'evaluate', dataset: { id: other } }] }
      const refused = await ask(id, 1, [...step(batch), loop])
      assert.deepEqual([refused.status, firstError(refused)?.path], [status, path], JSON.stringify(refused.body))
      assert.deepEqual(await parametersOf(id), before)
    }
    assert.equal((await done(id, 1, step(batch))).version, 1)
  })

  it('says what is wrong with a dataset before anything is done', async () => {
    const first = await dataset({ rows: numbers(20, 1), features: ['a', 'b'], labels: ['y'] })
    const model = { layers: [{ type: 'dense', units: 1 }] }
    const trained = await trainer({ model, dataset: { id: first } })
    const sent = await trainer({ model, inputShape: [2] })
    const foreign = await dataset({ rows: numbers(5, 1) })
    await prisma.$executeRaw`update "Dataset" set tenant = 'other' where id = ${foreign}`
    const lacking = await dataset({ rows: [{ a: 1, y: 2 }] })
    const missing = await dataset({ rows: [...numbers(4, 1), { a: null, b: 1, y: 1, extra: 1 }], features: ['a', 'b'], labels: ['y'] })
    const three = await dataset({ features: [[1, 2, 3]], labels: [[1]] })
    const words = await dataset({
      rows: coloured(4, 1),
      columns: { colour: 'category', bought: 'category' },
      features: ['bought', 'colour'],
      labels: ['size'],
    })
    const linear = { kind: 'linear', weights: [1, 2, 3], bias: 0, examples: 10, noiseStd: 0, seed: 1 }
    for (const [id, parts, path, message] of [
      [trained, { dataset: { id: 'ds_nothing' } }, '/dataset/id', /no such dataset/],
      [trained, { dataset: { id: foreign } }, '/dataset/id', /no such dataset/],
      [trained, { dataset: { id: lacking } }, '/dataset/id', /no column "b", which the trainer trains on/],
      [trained, { dataset: { id: missing } }, '/dataset/id', /missing values: a \(1\); a trainer fills none/],
      [trained, { dataset: { synthetic: linear } }, '/dataset/synthetic', /no column "b"/],
      [trained, { dataset: { synthetic: { ...linear, examples: 1e9 } } }, '/dataset/synthetic/examples', /at most|<= |more than/],
      [trained, { dataset: { id: first, features: ['a', 'b'] } }, '/dataset/features', /found by the names/],
      [trained, { dataset: { id: first }, metrics: ['accuracy'] }, '/metrics/0', /loss of classes/],
      [trained, { dataset: {} }, '/dataset/id', /./],
      [sent, {}, '/type', /needs a dataset/],
      [sent, { dataset: { id: three } }, '/dataset', /has 3 features; an input of shape \[2\] takes 2/],
      [sent, { dataset: { synthetic: linear } }, '/dataset', /has 3 features/],
      [sent, { dataset: { id: words } }, '/dataset', /"bought" holds categories/],
      [sent, { dataset: { id: foreign } }, '/dataset/id', /no such dataset/],
    ] as const) {
      const evaluation = { type: 'evaluate', ...parts }
      const refused = await ask(id, 1, [{ type: 'zeroGradients' }, evaluation])
      assert.equal(refused.status, 422, JSON.stringify(refused.body))
      assert.equal(firstError(refused)?.path, `/operations/1${path}`, JSON.stringify(refused.body.errors))
      assert.match(firstError(refused)?.message ?? '', message)
      const within = await ask(id, 1, [{ type: 'repeat', times: 3, operations: [evaluation] }])
      assert.equal(firstError(within)?.path, `/operations/0/operations/0${path}`, JSON.stringify(within.body.errors))
    }
    const many = Array.from({ length: 17 }, (_, at) => ({
      type: 'evaluate',
      dataset: { synthetic: { ...linear, weights: [1, 2], seed: at } },
    }))
    assert.equal(firstError(await ask(sent, 1, many))?.path, '/operations/16/dataset')
    const large = { synthetic: { ...linear, weights: [1, 2], examples: 1_000_000 } }
    const loop = { type: 'repeat', times: 1000, operations: [{ type: 'evaluate', dataset: large }] }
    assert.equal(firstError(await ask(sent, 1, [loop]))?.path, '/operations/0/operations/0/dataset')
    assert.equal((await done(sent, 1, many.slice(0, 16))).results?.length, 16)
  })
})
