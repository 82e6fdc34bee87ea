/** Trainers and jobs that start from what a trainer saved. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTrainerBench, step } from '../../support/trainers.ts'
import { notebook } from '../../support/worker.ts'

const { bench, send, open, done, parametersOf, close } = await openTrainerBench()
after(close)

const net = {
  model: { layers: [{ type: 'dense', units: 3, activation: 'tanh' }, { type: 'batchNorm' }, { type: 'dense', units: 1 }] },
  optimizer: { type: 'adam', learningRate: 0.05 },
  engine: 'eager',
}
const steps = (epoch: number) => [0, 1, 2].flatMap((index) => step({ size: 10, epoch, index }))

describe('what a trainer saved', { timeout: 180_000 }, () => {
  let source: string
  let end: unknown
  before(async () => {
    source = await open(net)
    await done(source, 1, [...steps(1), { type: 'save', name: 'middle' }])
    await done(source, 2, steps(2))
    end = await parametersOf(source)
  })
  const byName = async (id: string) => {
    const named = (await parametersOf(id)) as { name: string }[]
    return named.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  }
  const from = (checkpoint = 'middle') => ({ trainerId: source, checkpoint })

  it('is listed', async () => {
    const { body } = await send('GET', `/v1/trainers/${source}/checkpoints`)
    assert.deepEqual(
      (body.data as { name: string; version: number }[]).map(({ name, version }) => ({ name, version })),
      [{ name: 'middle', version: 3 }],
    )
    assert.equal((await send('GET', '/v1/trainers/trn_nothing/checkpoints')).status, 404)
  })

  it('is where another trainer goes on to the same bits, the state of its optimizer with it, also once the first is closed', async () => {
    const other = await open({ ...net, from: from(), seed: 42 })
    await done(other, 1, steps(2))
    assert.deepEqual(await parametersOf(other), end)
  })

  it('gives parameters and running statistics alone to a trainer with another optimizer, or one without a dataset', async () => {
    const plain = await open({ ...net, optimizer: { type: 'sgd', learningRate: 0.1 }, from: from() })
    const { dataset: _, ...rest } = { ...notebook(), ...net }
    const sent = await send('POST', '/v1/trainers', { model: rest.model, loss: rest.loss, inputShape: [2], from: from() })
    assert.equal(sent.status, 201, JSON.stringify(sent.body))
    const expected = await open(net)
    await done(expected, 1, steps(1))
    for (const id of [plain, String(sent.body.id)]) assert.deepEqual(await byName(id), await byName(expected))
    await done(plain, 1, steps(2))
    assert.notDeepEqual(await parametersOf(plain), end)
  })

  it('is where a job starts', async () => {
    const { body } = await send('POST', '/v1/jobs', {
      ...notebook({ model: net.model, training: { epochs: 1, batchSize: 10, seed: 1 }, optimizer: { type: 'sgd', learningRate: 0 } }),
      warmStart: from(),
    })
    assert.deepEqual((body.config as { warmStart: unknown }).warmStart, from(), JSON.stringify(body))
    assert.equal((await bench.ended(String(body.id))).status, 'succeeded')
    const { parameters } = (await send('GET', `/v1/jobs/${body.id}/weights`)).body as { parameters: { name: string }[] }
    const saved = await open({ ...net, from: from() })
    const isLearned = ({ name }: { name: string }) => /weight|bias/.test(name)
    assert.deepEqual(parameters.filter(isLearned), ((await parametersOf(saved)) as { name: string }[]).filter(isLearned))
  })

  it('is refused by name if it is not there, or does not fit', async () => {
    const job = notebook({ model: net.model })
    const { training: _, record: __, ...subject } = job
    for (const [start, code, path] of [
      [{ trainerId: 'trn_nothing', checkpoint: 'middle' }, 'not_found', '/trainerId'],
      [from('end'), 'not_found', '/checkpoint'],
      [{ trainerId: source }, 'required', '/checkpoint'],
      [{ checkpoint: 'middle' }, 'required', '/jobId'],
      [{ ...from(), jobId: 'job_1' }, 'overlap', '/jobId'],
    ] as const) {
      const trainer = await send('POST', '/v1/trainers', { ...subject, from: start })
      const warm = await send('POST', '/v1/jobs', { ...job, warmStart: start })
      for (const [{ status, body }, at] of [
        [trainer, '/from'],
        [warm, '/warmStart'],
      ] as const) {
        assert.equal(status, 422, JSON.stringify(body))
        const found = body.errors as unknown as { path: string; code: string }[]
        assert.ok(
          found.some((error) => error.path === at + path && error.code === code),
          JSON.stringify(found),
        )
      }
    }
    const other = await send('POST', '/v1/trainers', { ...subject, model: { layers: [{ type: 'dense', units: 1 }] }, from: from() })
    assert.equal(other.status, 422)
    assert.deepEqual([...new Set(other.body.errors?.map(({ path }) => path))], ['/from/checkpoint'])
  })
})
