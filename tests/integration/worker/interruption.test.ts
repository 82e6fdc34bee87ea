/** Whatever dies in the middle of a job, the job goes on from its last checkpoint bit-identically. */
import assert from 'node:assert/strict'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, beforeEach, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Worker } from '../../../workers/start-worker.ts'
import { entryOf } from '../../support/entry.ts'
import { eventTypes } from '../../support/jobs.ts'
import { endless, interruptible, traceOf } from '../../support/trace.ts'
import { type Bench, openBench } from '../../support/worker.ts'

/** Training and calls children of a worker. */
const childrenOf = async (pid: number): Promise<number[]> => {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(pid)])
  return stdout.split('\n').flatMap((line) => (/[.]child[.][jt]s/.test(line) ? [Number.parseInt(line, 10)] : []))
}

/** Passed by the first epoch, before any interruption; at some epoch; and never. */
const on = [
  { metric: 'gradientNorm', above: 0 },
  { metric: 'loss', below: 1 },
  { metric: 'batchLoss', below: 0 },
]
const watched = () => ({ ...interruptible(), on })

let bench: Bench
let worker: Worker
let undisturbed: Awaited<ReturnType<typeof traceOf>>
let undisturbedThresholds: unknown[]
before(async () => {
  bench = await openBench()
  worker = bench.work()
  const { id } = await bench.ended(await bench.submit(watched()))
  undisturbed = await traceOf(bench.database, id)
  undisturbedThresholds = await thresholds(id)
})
after(() => bench.close())

const events = (id: string) => eventTypes(bench.database, id)
const thresholds = async (jobId: string): Promise<unknown[]> =>
  (await bench.database.prisma.event.findMany({ where: { jobId, type: 'threshold' }, orderBy: { seq: 'asc' } })).map(({ data }) => data)
const inTheMiddle = (id: string) => bench.until(id, ({ epoch, status }) => status === 'running' && epoch >= 3)

/** The job ended well, after going on from a checkpoint, with the undisturbed bits, and told of each threshold once. */
const wentOn = async (id: string): Promise<void> => {
  assert.equal((await bench.ended(id)).status, 'succeeded')
  const resumed = await bench.database.prisma.event.findFirst({ where: { jobId: id, type: 'resumed' } })
  assert.ok(Number((resumed?.data as { fromEpoch: number } | undefined)?.fromEpoch) >= 3)
  assert.deepEqual(await traceOf(bench.database, id), undisturbed)
  assert.ok(undisturbedThresholds.length > 0)
  assert.deepEqual(await thresholds(id), undisturbedThresholds)
}

test('a training child that is killed', async () => {
  const id = await bench.submit(watched())
  await inTheMiddle(id)
  process.kill(worker.trainingPids()[0] ?? 0, 'SIGKILL')
  await wentOn(id)
  assert.ok((await events(id)).includes('released'))
})

test('a child that dies three times without a new checkpoint fails the job', async () => {
  const id = await bench.submit(endless())
  for (let death = 1; death <= 3; death++) {
    await bench.until(id, ({ status, crashes, fraction }) => status === 'running' && crashes === death - 1 && fraction > 0)
    await bench.until(id, () => worker.trainingPids().length > 0)
    process.kill(worker.trainingPids()[0] ?? 0, 'SIGKILL')
  }
  const job = await bench.ended(id)
  assert.deepEqual([job.status, job.errorCode, job.crashes], ['failed', 'WORKER_CRASHED', 3])
})

describe('a worker', () => {
  // Each test starts workers of its own.
  beforeEach(() => worker.close())

  test('a worker that is stopped hands its job back at once, at the very step', async () => {
    const first = bench.work()
    const id = await bench.submit(watched())
    await inTheMiddle(id)
    await first.close()
    const job = await bench.until(id, () => true)
    assert.deepEqual([job.status, job.leaseToken, job.crashes], ['queued', null, 0])
    assert.equal((await events(id)).at(-1), 'released')
    worker = bench.work()
    await wentOn(id)
  })

  test('a worker that is killed loses its job to another one, and its child ends itself', async () => {
    const env = { ...process.env, DATABASE_URL: bench.url, REDIS_URL: '', TRAINING_BACKEND: 'wasm', LOG_LEVEL: 'silent' }
    const killed = fork(entryOf('workers/worker.ts'), { env, stdio: 'ignore' })
    await once(killed, 'message')
    const id = await bench.submit(watched())
    await inTheMiddle(id)
    const children = await childrenOf(killed.pid ?? 0)
    assert.equal(children.length, 2)
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    worker = bench.work()
    await wentOn(id)
    for (const child of children) assert.throws(() => process.kill(child, 0), { code: 'ESRCH' })
  })
})
