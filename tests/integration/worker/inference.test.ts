/** Inference requests are answered at once, by a child of their own, however busy training is. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { InferenceAnswer, InferenceKind, InferenceTypes } from '../../../src/contracts/inference.ts'
import { channels, type RequestQueue } from '../../../src/contracts/queue.ts'
import { createInferenceRepository } from '../../../src/features/inference/inference.repository.ts'
import { createInferenceService } from '../../../src/features/inference/inference.service.ts'
import { createRequestRepository, type RequestRepository } from '../../../src/features/inference/request.repository.ts'
import type { Worker } from '../../../workers/start-worker.ts'
import { endless } from '../../support/trace.ts'
import { type Bench, notebook, openBench } from '../../support/worker.ts'

let bench: Bench
let worker: Worker
let ask: ReturnType<typeof createInferenceService>['ask']
before(async () => {
  bench = await openBench()
  worker = bench.work()
  const requests = createInferenceRepository(bench.database)
  ask = createInferenceService({
    requests,
    notifications: bench.notifications,
    newId: (prefix) => `${prefix}_${randomUUID()}`,
  }).ask
})
after(() => bench.close())

const huber: InferenceTypes['evaluate']['request'] = {
  loss: { type: 'huber', delta: 1 },
  reduction: 'mean',
  inputs: [{ shape: [3], values: [1.8, 3.2, 10] }],
  target: { shape: [3], values: [2, 3, 5] },
}

describe('an inference request', () => {
  test('evaluates a loss and its gradients', async () => {
    const { value, gradients } = await ask('evaluate', huber)
    assert.ok(Math.abs(Number(value) - 1.51333) < 1e-5)
    assert.deepEqual(gradients[0]?.shape, [3])
  })

  test('samples an initializer, the same way for the same seed', async () => {
    const request = { initializer: { type: 'uniform', a: -1, b: 1 }, shape: [100, 30], seed: 3 }
    const sample = await ask('sample', request)
    assert.equal(sample.values.length, 3000)
    assert.ok(Number(sample.min) >= -1 && Number(sample.max) <= 1 && Math.abs(Number(sample.mean)) < 0.05)
    assert.deepEqual(await ask('sample', request), sample)
  })

  test('predicts with what a job learned', async () => {
    const job = await bench.ended(await bench.submit())
    const { epoch, predictions } = await ask('predict', {
      jobId: job.id,
      features: [
        [
          [1, 1],
          [0, 0],
        ],
      ],
    })
    assert.equal(epoch, 3)
    assert.ok(Math.abs(Number(predictions[0]?.[0]) - (2 - 3.4 + 4.2)) < 0.01)
    assert.ok(Math.abs(Number(predictions[1]?.[0]) - 4.2) < 0.01)
  })

  test('an inference request that does not fit is refused with every validation error', async () => {
    const wrong = { ...huber, target: { shape: [2], values: [1, 2] } }
    await assert.rejects(ask('evaluate', wrong), (error: { code: string; errors: { path: string }[] }) => {
      assert.deepEqual([error.code, error.errors.map(({ path }) => path)], ['VALIDATION_FAILED', ['/target/shape']])
      return true
    })
    await assert.rejects(ask('predict', { jobId: 'job_unknown', features: [[[1, 1]]] }), { code: 'CONFLICT' })
  })

  test('an inference request is answered while a training keeps the worker busy', async () => {
    const id = await bench.submit(endless())
    await bench.until(id, ({ fraction }) => fraction > 0)
    assert.ok((await ask('evaluate', huber)).gradients)
    assert.equal((await bench.until(id, () => true)).status, 'running')
    await bench.setStatus(id, 'cancelling')
    await bench.ended(id)
  })

  test('an inference request is answered by a new child if the last one died', async () => {
    const [pid = 0] = worker.inferencePids()
    process.kill(pid, 'SIGKILL')
    assert.ok((await ask('evaluate', huber)).gradients)
    assert.notDeepEqual(worker.inferencePids(), [pid])
  })

  test('an inference request is in one hand at a time, and in another one once its worker has been silent', async () => {
    const owners = [1, 2].map(() => createRequestRepository(bench.database, { queue: 'none' as RequestQueue, worker: randomUUID() }))
    const [first, second] = owners as [RequestRepository, RequestRepository]
    const id = `call_${randomUUID()}`
    const { inferenceRequest } = bench.database.prisma
    const silent = new Date(Date.now() - 4000)
    await inferenceRequest.create({ data: { id, queue: 'none', kind: 'evaluate', request: huber as object, takenAt: silent } })
    const taken = await Promise.all([first.take([id]), second.take([id]), first.take([id])])
    assert.equal(taken.flat().length, 1)
    assert.deepEqual(await second.take([id]), [])
    await inferenceRequest.update({ where: { id }, data: { takenAt: silent } })
    assert.deepEqual(
      (await second.take([id])).map(({ kind, request }) => ({ kind, request })),
      [{ kind: 'evaluate', request: huber }],
    )
    await inferenceRequest.delete({ where: { id } })
  })

  test('inference requests of one name go to the worker that answered the last one, and to any once that is gone', async () => {
    // Where each request was sent, and where else when no answer came soon.
    const sent = new Map<string, (string | undefined)[]>()
    const stop = bench.notifications.on(channels.request, (id, address) => id !== null && sent.set(id, [...(sent.get(id) ?? []), address]))
    const sample = { initializer: { type: 'ones' }, shape: [1], seed: 1 }
    const other = bench.work()
    for (let index = 0; index < 3; index++) await ask('sample', sample, { sameWorkerFor: 'a model' })
    const [first = [], second = [], third = []] = [...sent.values()]
    assert.equal(first[0], 'inference')
    assert.match(second[0] ?? '', /^inference@/)
    if (second.length === 1) assert.equal(third[0], second[0])
    await Promise.all([worker.close(), other.close()])
    worker = bench.work()
    assert.deepEqual((await ask('sample', sample, { sameWorkerFor: 'a model' })).values, [1])
    await ask('sample', sample, { sameWorkerFor: 'a model' })
    assert.notEqual([...sent.values()].at(-1)?.[0], third[0])
    stop()
  })

  test('an inference request that nobody waits for any more is left alone', async () => {
    const id = `call_${randomUUID()}`
    await bench.database.prisma.inferenceRequest.create({
      data: { id, kind: 'evaluate', request: huber as object, createdAt: new Date(Date.now() - 60_000) },
    })
    await bench.database.notify(bench.database.prisma, channels.request, `${id} inference`)
    await ask('evaluate', huber)
    assert.equal((await bench.database.prisma.inferenceRequest.findUniqueOrThrow({ where: { id } })).response, null)
  })
})

test('an answer is written once', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => ask('sample', { initializer: { type: 'ones' }, shape: [1, 2], seed: 1 })))
  const expected: Extract<InferenceAnswer<InferenceKind & 'sample'>, { ok: true }>['value'] = {
    values: [1, 1],
    mean: 1,
    std: 0,
    min: 1,
    max: 1,
  }
  for (const answer of answers) assert.deepEqual(answer, expected)
  assert.equal((await bench.ended(await bench.submit(notebook()))).status, 'succeeded')
})
