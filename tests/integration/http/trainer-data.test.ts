/** Trainers on tables that jobs would prepare: what of that a trainer does, and what it says that it does not. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTrainerBench, step } from '../../support/trainers.ts'

const { bench, send, done, parametersOf, close } = await openTrainerBench()
after(close)

const model = { layers: [{ type: 'dense', units: 1 }] }
const optimizer = { type: 'sgd', learningRate: 0.001 }
const loss = { type: 'mse' }
const created = async (path: string, body: object): Promise<string> => {
  const answer = await send('POST', path, body)
  assert.ok(answer.status < 300, JSON.stringify(answer.body))
  return String(answer.body.id)
}
const rows = Array.from({ length: 12 }, (_, row) => ({
  size: 10 + row,
  colour: ['red', 'green', 'blue'][row % 3],
  note: `row ${row}`,
  y: Math.sin(row),
}))
const columns = { colour: 'category', note: 'text' }
const dataset = (body: object = {}) => created('/v1/datasets', { rows, columns, features: ['size', 'colour'], labels: ['y'], ...body })
const trainer = (parts: object) => send('POST', '/v1/trainers', { model, optimizer, seed: 7, ...parts })

describe('a trainer on a table that a job would prepare', { timeout: 180_000 }, () => {
  it('takes an input for each category, and leaves out rows without a label, as a job does', async () => {
    const id = await dataset({ rows: [...rows, { ...rows[0], y: null }] })
    const config = { model, loss, optimizer, dataset: { id } }
    const job = await created('/v1/jobs', { ...config, training: { epochs: 1, batchSize: 4, seed: 7 } })
    assert.equal((await bench.ended(job)).status, 'succeeded')
    const { body } = await trainer({ dataset: { id }, engine: 'eager' })
    assert.deepEqual((body.parameters as { shape: number[] }[])[0]?.shape, [4, 1])
    await done(
      String(body.id),
      1,
      [0, 1, 2].flatMap((index) => step({ size: 4, epoch: 1, index })),
    )
    assert.deepEqual(await parametersOf(String(body.id)), (await send('GET', `/v1/jobs/${job}/weights`)).body.parameters)
  })

  it('does not start from a job that trained the same rows prepared', async () => {
    const table = { rows: rows.map(({ size, y }) => ({ a: size, b: size * size, y })), features: ['a', 'b'], labels: ['y'] }
    const [first, same, other] = [
      await created('/v1/datasets', table),
      await created('/v1/datasets', table),
      await created('/v1/datasets', { ...table, rows: table.rows.map((row) => ({ ...row, a: row.a / 10 })) }),
    ]
    const from = async (preprocessing: object) => {
      const training = { epochs: 1, batchSize: 4, seed: 7 }
      const jobId = await created('/v1/jobs', { model, loss, optimizer, dataset: { id: first }, training, preprocessing })
      await bench.ended(jobId)
      return { jobId }
    }
    const standardized = await from({ standardize: true, standardizeLabels: true })
    for (const id of [first, same]) {
      const { status, body } = await trainer({ dataset: { id }, from: standardized })
      assert.equal(status, 422, JSON.stringify(body))
      assert.equal(body.errors?.[0]?.path, '/from/jobId')
      assert.match(body.errors?.[0]?.message ?? '', /prepared \(standardize, standardizeLabels\)/)
    }
    for (const parts of [
      { dataset: { id: other }, from: standardized },
      { inputShape: [2], from: standardized },
      { dataset: { id: same }, from: await from({ codes: [] }) },
    ])
      assert.equal((await trainer(parts)).status, 201)
  })

  it('names what it does not prepare by the names of its request', async () => {
    const missing = await dataset({ rows: [...rows, { size: null, colour: 'red', note: '', y: 1 }] })
    const whole = await dataset()
    const one = await dataset({ rows: rows.slice(0, 1), features: ['size'] })
    const norm = { layers: [{ type: 'dense', units: 2 }, { type: 'batchNorm' }, { type: 'dense', units: 1 }] }
    for (const [parts, path, message] of [
      [{ dataset: { id: missing } }, '/dataset/features', /^features have missing values: size \(1\); a trainer fills none/],
      [
        { dataset: { id: whole, features: ['note'], labels: ['y'] } },
        '/dataset/features',
        /is text: declare it a category when it is uploaded or leave it out$/,
      ],
      [{ dataset: { id: whole, features: ['size'], labels: ['colour'] } }, '/dataset/labels', /is a category/],
      [{ dataset: { id: one }, model: norm }, '/dataset', /./],
    ] as const) {
      const { status, body } = await trainer(parts)
      assert.equal(status, 422, JSON.stringify(body))
      assert.equal(body.errors?.[0]?.path, path, JSON.stringify(body.errors))
      assert.match(body.errors?.[0]?.message ?? '', message)
    }
  })
})
