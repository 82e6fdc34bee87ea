/** Jobs say where they may run. The worker here only takes itself for one with a GPU: its children train on WebAssembly. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Bench, notebook, openBench } from '../../support/worker.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench.close())

const submit = (device: 'any' | 'cpu' | 'gpu') => bench.submit(notebook({ device }))

test('a job for a GPU waits while only workers without one are there, and is trained when one with it comes', async () => {
  bench.work()
  const waiting = await submit('gpu')
  assert.equal((await bench.ended(await submit('any'))).status, 'succeeded')
  assert.equal((await bench.database.prisma.job.findUniqueOrThrow({ where: { id: waiting } })).status, 'queued')
  bench.work({ device: 'gpu' })
  assert.equal((await bench.ended(waiting)).status, 'succeeded')
})

test('a worker with a GPU trains jobs for any device, also those that must run on its CPU', async () => {
  const alone = await openBench()
  try {
    alone.work({ device: 'gpu', slots: 2 })
    const ids = await Promise.all((['cpu', 'cpu', 'gpu', 'any', 'cpu'] as const).map((device) => alone.submit(notebook({ device }))))
    const jobs = await Promise.all(ids.map(alone.ended))
    assert.deepEqual(new Set(jobs.map(({ status }) => status)), new Set(['succeeded']))
  } finally {
    await alone.close()
  }
})
