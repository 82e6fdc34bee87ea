/** A process that runs out of memory ends its job as OUT_OF_MEMORY, at once and not after three tries. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { InferenceAnswer, InferenceKind } from '../../../src/contracts/inference.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { TrainedJob } from '../../../src/features/inference/model.repository.ts'
import { createLog } from '../../../src/platform/log.ts'
import { createInferenceProcessor } from '../../../workers/inference/inference-processor.ts'
import type { InferenceMethods } from '../../../workers/inference/protocol.ts'
import { startChild } from '../../../workers/rpc/child-host.ts'
import { createChildPool } from '../../../workers/rpc/child-pool.ts'
import type { Worker } from '../../../workers/start-worker.ts'
import { diedForMemory, failedForMemory } from '../../../workers/training/out-of-memory.ts'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { configOf } from '../../support/engine-jobs.ts'
import { entryOf } from '../../support/entry.ts'
import { eventTypes } from '../../support/jobs.ts'
import { notebook } from '../../support/worker.ts'

const mebibyte = 2 ** 20

const zeros = { weightInitializer: { type: 'zeros' }, biasInitializer: { type: 'zeros' } }

/** A model of 80 million parameters, which takes 320 MiB each time that it is held. */
const large = () =>
  notebook({
    dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 10, noiseStd: 0, seed: 1 } },
    model: {
      layers: [
        { type: 'dense', units: 4000, ...zeros },
        { type: 'dense', units: 20_000, ...zeros },
        { type: 'dense', units: 1, ...zeros },
      ],
    },
    training: { epochs: 1, batchSize: 10, seed: 1 },
    record: { gradients: 'none', weights: 'last' },
  })

describe('a job that takes more memory than JOB_MEMORY_MIB', () => {
  let api: TestApi
  let worker: Worker
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())

  it('a job that takes more memory than JOB_MEMORY_MIB fails with what it held, and its worker goes on with the next', async () => {
    // Queued while no worker is known, when nothing says that it is too large.
    const { id } = await api.submit(large())
    worker = api.bench.work({ jobMemory: 600 * mebibyte })
    const job = await api.bench.ended(id)
    assert.deepEqual([job.status, job.errorCode, job.crashes], ['failed', 'OUT_OF_MEMORY', 0])
    assert.match(job.errorMessage ?? '', /held \d+ MiB; JOB_MEMORY_MIB of the worker allows 600 MiB/)
    assert.deepEqual(await eventTypes(api.bench.database, id), ['queued', 'started', 'failed'])
    assert.equal((await api.bench.ended((await api.submit()).id)).status, 'succeeded')
  })

  it('a job that takes more memory than JOB_MEMORY_MIB is refused before it is queued where no worker has that much', async () => {
    const answer = await api.post('/v1/jobs', large())
    const [invalid] = assertProblem(answer, 422, 'VALIDATION_FAILED')
    assert.equal(invalid?.path, '/model/layers')
    assert.match(invalid?.message ?? '', /about \d+ MiB of memory; no worker has more than 600 MiB/)
    await worker.close()
    assert.equal((await api.post('/v1/jobs?validateOnly=true', large())).status, 200)
  })
})

describe('want of memory', () => {
  const start = (heapMib?: number) =>
    startChild<{ takeHeap: { argument: null; value: null }; takeArray: { argument: number; value: null } }>({
      entry: entryOf('tests/support/greedy.child.ts'),
      env: { ...process.env, ...(heapMib ? { NODE_OPTIONS: `--max-old-space-size=${heapMib}` } : {}) },
    })
  const unlimited = { over: () => undefined, kernelKilled: () => false }
  const deathOf = async (failing: Promise<unknown>) => {
    const error = await failing.then(
      () => assert.fail('it does not fail'),
      (reason) => reason,
    )
    return error
  }

  it('want of memory is told from what V8 says last', async () => {
    const child = start(64)
    await child.ready()
    assert.match(diedForMemory(await deathOf(child.call('takeHeap', null)), unlimited, undefined) ?? '', /ran out of memory/)
  })

  it('want of memory is told from an array that there is no room for', async () => {
    const child = start()
    await child.ready()
    assert.match(failedForMemory(await deathOf(child.call('takeArray', 2 ** 45))) ?? '', /needs more memory/)
    await child.kill()
  })

  it('want of memory is told from the kernel, which ends a process without a word', async () => {
    const child = start()
    await child.ready()
    const death = deathOf(child.call('takeHeap', null))
    process.kill(child.pid ?? 0, 'SIGKILL')
    const gone = await death
    assert.match(diedForMemory(gone, { ...unlimited, kernelKilled: () => true }, undefined) ?? '', /kernel ended the training/)
    assert.equal(diedForMemory(gone, unlimited, undefined), null, 'somebody else killed it: it is tried again')
  })

  it('want of memory is told from what TensorFlow and WebAssembly say', () => {
    for (const message of [
      'OOM when allocating tensor with shape[8000,5000] and type float on /job:localhost',
      'Resource exhausted: failed to allocate memory',
      'RuntimeError: memory access out of bounds',
      'RangeError: Array buffer allocation failed',
      'Cannot enlarge memory arrays',
      'Invalid typed array length: 8000000000',
      'std::bad_alloc',
    ])
      assert.ok(failedForMemory({ message }), message)
    assert.equal(failedForMemory({ message: 'the zoom of this room' }), null)
  })
})

describe('an inference request that there is no memory for', () => {
  const pool = createChildPool<InferenceMethods>({
    entry: entryOf('tests/support/greedy.child.ts'),
    env: () => ({ ...process.env, NODE_OPTIONS: '--max-old-space-size=64' }),
    size: 1,
    recycleAboveBytes: 2 ** 40,
    onError: () => {},
  })
  after(() => pool.close())
  const trained: TrainedJob = {
    config: configOf(notebook()),
    dataset: { id: 'ds_1', kind: 'upload', spec: null, columns: [], rows: 1, inputShape: [] },
    state: { epoch: 1, step: 0, tensors: [], training: { preprocessing: { means: [], stds: [] } } },
  }
  const ask = async (kind: InferenceKind): Promise<InferenceAnswer | undefined> => {
    let answered: InferenceAnswer | undefined
    const handle = createInferenceProcessor({
      requests: {
        answer: async (_, answer) => {
          answered = answer
        },
      },
      models: { trainedJob: async () => trained },
      pool,
      planOf: () => ({ data: {} }) as Plan,
      log: createLog({ level: 'silent', name: 'test' }),
    })
    await handle({ id: 'call_1', kind, request: { jobId: 'job_1' }, ageMs: 0, revision: 1 }, new AbortController().signal)
    return answered
  }

  for (const [kind, how] of [
    ['evaluate', 'that says so and goes on'],
    ['predict', 'that dies of it'],
  ] as const)
    it(`an inference request that there is no memory for is answered as such by a child ${how}, and the next has a new one`, async () => {
      const before = pool.pids()
      const answer = await ask(kind)
      assert.ok(answer && !answer.ok && answer.problem.code === 'UNAVAILABLE', JSON.stringify(answer))
      assert.match(answer.problem.detail ?? '', /more memory/)
      assert.equal((await ask('sample'))?.ok, true)
      assert.notDeepEqual(pool.pids(), before)
    })
})
