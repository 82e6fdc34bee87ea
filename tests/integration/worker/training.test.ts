/** A worker trains what is queued, stops when it is told to, and says how each job ended. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { SyntheticSpec } from '../../../src/catalog/generators.ts'
import { describeSynthetic, generateRows } from '../../../src/features/datasets/generators/generate.ts'
import type { Worker } from '../../../workers/start-worker.ts'
import { eventTypes } from '../../support/jobs.ts'
import { endless, interruptible, traceOf } from '../../support/trace.ts'
import { type Bench, notebook, openBench } from '../../support/worker.ts'

let bench: Bench
let worker: Worker
before(async () => {
  bench = await openBench()
  worker = bench.work()
})
after(() => bench.close())

const events = (id: string) => eventTypes(bench.database, id)
const running = (id: string) => bench.until(id, ({ status, fraction }) => status === 'running' && fraction > 0)

describe("the notebook's job", () => {
  test("the notebook's job learns the true weights, and leaves epochs, gradients, weights, events and a result", async () => {
    const job = await bench.ended(await bench.submit())
    assert.equal(job.status, 'succeeded')
    assert.deepEqual(await events(job.id), ['queued', 'started', 'epoch', 'epoch', 'epoch', 'succeeded'])
    const { epochs, tensors } = await traceOf(bench.database, job.id)
    assert.equal(epochs.length, 3)
    assert.ok((epochs[2]?.loss ?? 1) < 2e-4)
    assert.equal(tensors.length, 3 * 2 * 2)
    const {
      loss,
      epochs: finished,
      seconds,
      estimationError,
    } = job.result as {
      loss: number
      epochs: number
      seconds: number
      estimationError: { weights: number[]; bias: number }
    }
    assert.deepEqual([loss, finished], [epochs[2]?.loss, 3])
    assert.ok(seconds > 0 && Math.abs(seconds - job.seconds) < 1e-9)
    for (const error of [...estimationError.weights, estimationError.bias]) assert.ok(Math.abs(error) < 2e-3)
    assert.deepEqual([job.epoch, job.fraction, job.latestLoss, job.errorCode], [3, 1, loss, null])
    assert.deepEqual(job.engine, { name: 'eager', backend: 'wasm', device: 'cpu', version: '4.22.0' })
  })

  test("the notebook's job is bit-identical when it is trained again", async () => {
    const ids = [await bench.submit(), await bench.submit()]
    for (const id of ids) await bench.ended(id)
    const [first, second] = await Promise.all(ids.map((id) => traceOf(bench.database, id)))
    assert.deepEqual(first, second)
  })

  test("the notebook's job is trained though its wake-up was lost", async () => {
    assert.equal((await bench.ended(await bench.submit(notebook(), { notify: false }))).status, 'succeeded')
  })
})

test('an uploaded table trains as the same rows from a spec do, to the bit', async () => {
  const config = notebook()
  const { synthetic } = config.dataset
  const { features, labels } = generateRows(synthetic as SyntheticSpec)
  const rows = Float32Array.from(
    { length: 3000 },
    (_, cell) => (cell % 3 < 2 ? features[2 * Math.floor(cell / 3) + (cell % 3)] : labels[Math.floor(cell / 3)]) ?? 0,
  )
  const { columns } = describeSynthetic(synthetic as SyntheticSpec)
  const chunks = [0, 1, 2, 3].map((index) => ({ index, bytes: new Uint8Array(rows.slice(750 * index, 750 * (index + 1)).buffer) }))
  const id = `ds_${randomUUID()}`
  await bench.database.prisma.dataset.create({
    data: { id, tenant: 'default', kind: 'upload', columns, rows: 1000, inputShape: [], contentHash: 'none', chunks: { create: chunks } },
  })
  const uploaded = await bench.ended(await bench.submit({ ...config, dataset: { id } }))
  const generated = await bench.ended(await bench.submit(config))
  assert.equal(uploaded.status, 'succeeded')
  assert.deepEqual(await traceOf(bench.database, uploaded.id), await traceOf(bench.database, generated.id))
})

test('a loss that stops being finite fails the job, and its epoch is kept', async () => {
  const job = await bench.ended(await bench.submit(notebook({ optimizer: { type: 'sgd', learningRate: 1e6 } })))
  assert.deepEqual([job.status, job.errorCode], ['failed', 'LOSS_DIVERGED'])
  const { epochs } = await traceOf(bench.database, job.id)
  assert.equal(epochs.length, 1)
  assert.ok(!Number.isFinite(epochs[0]?.loss))
  const event = await bench.database.prisma.event.findFirstOrThrow({ where: { jobId: job.id, type: 'epoch' } })
  assert.ok(['NaN', 'Infinity'].includes((event.data as { loss: string }).loss))
  assert.deepEqual((await events(job.id)).slice(-2), ['epoch', 'failed'])
})

test('a job that takes longer than its timeoutSeconds fails', async () => {
  const job = await bench.ended(await bench.submit({ ...endless(), timeoutSeconds: 1 }))
  assert.deepEqual([job.status, job.errorCode], ['failed', 'TIMED_OUT'])
})

describe('in the middle of an epoch', () => {
  test('a cancelled job stops, and its child trains the next one', async () => {
    const pids = worker.trainingPids()
    const id = await bench.submit(endless())
    await running(id)
    await bench.setStatus(id, 'cancelling')
    assert.equal((await bench.ended(id)).status, 'cancelled')
    assert.equal((await bench.ended(await bench.submit())).status, 'succeeded')
    assert.deepEqual(worker.trainingPids(), pids)
  })

  test('a cancelled job keeps the weights of its last finished epoch', async () => {
    const id = await bench.submit({ ...interruptible({ epochs: 100_000 }), record: { gradients: 'norm', weights: 'last' } })
    await bench.until(id, ({ epoch }) => epoch >= 3)
    await bench.setStatus(id, 'cancelling')
    const { epoch } = await bench.ended(id)
    const { tensors } = await traceOf(bench.database, id)
    const weights = tensors.filter(({ kind }) => kind === 'weight')
    assert.deepEqual(
      weights.map(({ parameter }) => parameter),
      ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias'],
    )
    // Cut off inside an epoch, the newest whole one that was saved counts.
    assert.ok(weights.every((tensor) => tensor.epoch === weights[0]?.epoch && tensor.epoch >= 3 && tensor.epoch <= epoch))
    assert.ok(weights.every(({ values }) => values) && tensors.some(({ kind, values }) => kind === 'gradient' && values === null))
  })

  test('a child that does not come to a stop is killed for it: the job is cancelled all the same', async () => {
    const [pid = 0] = worker.trainingPids()
    const id = await bench.submit(endless())
    await running(id)
    process.kill(pid, 'SIGSTOP')
    await bench.setStatus(id, 'cancelling')
    assert.equal((await bench.ended(id)).status, 'cancelled')
    assert.equal((await bench.ended(await bench.submit())).status, 'succeeded')
    assert.notDeepEqual(worker.trainingPids(), [pid])
  })

  test('a paused job keeps the very step, and goes on from it bit-identically', async () => {
    const undisturbed = await bench.ended(await bench.submit(interruptible()))
    const id = await bench.submit(interruptible())
    await bench.until(id, ({ epoch }) => epoch >= 3)
    await bench.setStatus(id, 'pausing')
    const paused = await bench.until(id, ({ status }) => status === 'paused')
    assert.ok(paused.epoch < 24)
    assert.equal((await bench.ended(await bench.submit())).status, 'succeeded')
    await bench.setStatus(id, 'queued')
    assert.equal((await bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await traceOf(bench.database, id), await traceOf(bench.database, undisturbed.id))
    assert.ok((await events(id)).includes('resumed'))
  })

  test('a job paused inside its first epoch saves its steps', async () => {
    const id = await bench.submit(endless())
    await running(id)
    await bench.setStatus(id, 'pausing')
    await bench.until(id, ({ status }) => status === 'paused')
    const checkpoint = await bench.database.prisma.checkpoint.findUniqueOrThrow({ where: { jobId: id } })
    assert.equal(checkpoint.epoch, 0)
    assert.ok(checkpoint.step > 0)
  })
})

test('twenty jobs queued at once all end, each trained once', async () => {
  bench.work({ slots: 2 })
  const ids = await Promise.all(Array.from({ length: 20 }, () => bench.submit()))
  for (const id of ids) {
    assert.equal((await bench.ended(id)).status, 'succeeded')
    assert.deepEqual(await events(id), ['queued', 'started', 'epoch', 'epoch', 'epoch', 'succeeded'])
  }
})
